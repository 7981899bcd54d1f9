# Runs on another machine, as `sh -c`: takes worker.c out of its input, compiles it against a library that is there, and runs it.
#
#     sh SIZE PREFIX COMPILER [ITS ARGUMENTS]
#
# SIZE: of worker.c, in bytes. PREFIX: the folder of an installation or a build; what is looked for in it is what prefix.py looks for, and
# the compiler's words are those of compiling.py. Whatever goes wrong is the last line on standard error. It needs a POSIX shell (dash,
# busybox's and OpenBSD's ksh are) and what every system has beside one. It ends with the connection, because the worker does, and leaves
# nothing behind.

LC_ALL=C
export LC_ALL
umask 077
size=$1 prefix=$2
shift 2

newline='
'
# Lists have an entry on each line; nothing in them is a pattern, but where it says so.
IFS=$newline
set -f

refuse() {
    printf '%s\n' "$1" >&2
    exit 1
}

# Set `folders` to where libraries stand: installed, in one folder of a build, in libtool's and cmake's.
find_folders() {
    folders=$prefix
    set +f
    for place in "$prefix"/lib "$prefix"/lib64 "$prefix"/lib/*-linux-* "$prefix"/ssl/.libs "$prefix"/crypto/.libs "$prefix"/src/.libs \
        "$prefix"/ssl "$prefix"/crypto; do
        if [ -d "$place" ]; then
            folders=$folders$newline$place
        fi
    done
    set -f
}

# Set `roots` to PREFIX and the source that it was built from, by its Makefile (OpenSSL, autotools) or by cmake's cache.
find_roots() {
    roots=$prefix
    for source in "$(said_in Makefile 's/^[Ss][Rr][Cc][Dd][Ii][Rr] *= *\([^ ][^ ]*\) *$/\1/p')" \
        "$(said_in CMakeCache.txt 's/^CMAKE_HOME_DIRECTORY:[A-Za-z]*=\(..*\)$/\1/p')"; do
        case $source in
        '') ;;
        /*) roots=$roots$newline$source ;;
        *) roots=$roots$newline$prefix/$source ;;
        esac
    done
}

said_in() {
    if [ -f "$prefix/$1" ]; then
        sed -n -e "$2" "$prefix/$1" | sed -e 1q
    fi
}

# Set `headers` to the folders that hold some of a kind, where one of them has ssl.h: a build may keep those that it makes apart.
find_headers() {
    headers='' complete=''
    for root in $roots; do
        for place in "$root/include" "$root"; do
            if has_headers "$place/$1"; then
                headers=$headers$newline$place
            fi
            if [ -f "$place/$1/ssl.h" ]; then
                complete=yes
            fi
        done
    done
    if [ -z "$complete" ]; then
        headers=''
    fi
}

has_headers() {
    set +f
    set -- "$1"/*.h
    set -f
    [ -f "$1" ]
}

# Set `libraries` to the files to link, those of the names given: all of them shared, or none.
find_libraries() {
    for ending in so a; do
        libraries=''
        for stem; do
            find_library "$stem.$ending"
            if [ -z "$found" ]; then
                libraries=''
                break
            fi
            libraries=$libraries$newline$found
        done
        if [ -n "$libraries" ]; then
            return
        fi
    done
}

# Set `found` to the first library of a name; libssl.so before libssl.so.3, which it is a link to.
find_library() {
    found=''
    for folder in $folders; do
        set +f
        for file in "$folder/$1" "$folder/$1".*; do
            case ${file##*/} in
            *.a.* | *[!A-Za-z0-9_.]*) continue ;;
            esac
            if [ -f "$file" ] && { [ -z "$found" ] || [ "${#file}" -lt "${#found}" ]; }; then
                found=$file
            fi
        done
        set -f
        if [ -n "$found" ]; then
            return
        fi
    done
}

# Set `kind`, `headers` and `libraries` to what there is to compile with.
find_all() {
    if [ ! -d "$prefix" ]; then
        refuse "$prefix is no folder there; name that of an installation or a build"
    fi
    find_folders
    find_roots
    lacking=''
    for kind in openssl wolfssl; do
        find_headers "$kind"
        if [ "$kind" = openssl ]; then
            find_libraries libssl libcrypto
        else
            find_libraries libwolfssl
        fi
        case ${headers:+headers}${libraries:+libraries} in
        headerslibraries) return ;;
        libraries) lacking="a library and no headers (no include/openssl/ssl.h)" ;;
        headers) lacking=${lacking:-"headers and no library (neither libssl.so nor libssl.a with its libcrypto, in it or in lib)"} ;;
        esac
    done
    refuse "$prefix has ${lacking:-"neither headers (include/openssl/ssl.h) nor a libssl"}; name the folder of an installation or a build"
}

holds() {
    grep -q -e "$1" "$libssl"
}

# Say what a compiler complained of first.
first_error() {
    first=''
    while IFS=' ' read -r line; do
        case $line in
        *error* | *'undefined reference'*)
            first=$line
            break
            ;;
        esac
        first=${first:-$line}
    done <<END
$1
END
    printf '%s' "${first:-it said nothing}"
}

if ! command -v "$1" >/dev/null; then
    refuse "there is no compiler $1; name another one: ssh://HOST/PREFIX?cc=COMMAND"
fi
find_all

work=$(mktemp -d "${TMPDIR:-/tmp}/sslspec-XXXXXXXXXX" 2>/dev/null) || {
    # Where something of that name is there already, mkdir fails: nobody else's folder is taken.
    work=${TMPDIR:-/tmp}/sslspec-$$
    mkdir "$work" || exit 1
}
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT PIPE TERM

dd ibs=1 obs=4096 count="$size" of="$work/worker.c" 2>/dev/null

libssl=${libraries#"$newline"}
libssl=${libssl%%"$newline"*}
set -- "$@" -std=c99 -O1 -g -o "$work/worker"
if holds __asan_init; then
    set -- "$@" -fsanitize=address
elif holds __tsan_init; then
    set -- "$@" -fsanitize=thread
fi
if [ "$kind" = wolfssl ]; then
    set -- "$@" -DWITH_WOLFSSL
fi
for folder in $headers; do
    set -- "$@" -isystem "$folder"
done
set -- "$@" "$work/worker.c"
for library in $libraries; do
    set -- "$@" "$library"
done
beside=''
case $libssl in
*.a) ;;
*)
    beside=${libssl%/*}
    for library in $libraries; do
        set -- "$@" "-Wl,-rpath,${library%/*}"
    done
    ;;
esac
set -- "$@" -lpthread -lm
if [ "$(uname)" = Linux ]; then
    set -- "$@" -ldl
fi
# BoringSSL's libssl is C++; a shared one brings what it needs of that with it.
if [ -z "$beside" ] && holds __gxx_personality_v0; then
    set -- "$@" -lstdc++
fi
if ! said=$("$@" </dev/null 2>&1); then
    refuse "the worker cannot be compiled against it: $(first_error "$said")"
fi

# What would decide how a library or its memory behaves stays outside: two machines shall see the same.
for name in $(env | sed -n -e 's/^\(MALLOC_[A-Za-z0-9_]*\)=.*/\1/p' -e 's/^\(OPENSSL_[A-Za-z0-9_]*\)=.*/\1/p') GLIBC_TUNABLES; do
    unset "$name"
done
if [ -n "$beside" ]; then
    LD_LIBRARY_PATH=$beside${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
fi
# shellcheck disable=SC2086  # a list
set -- $libraries
# After its last words it ends with this status, and the next operation finds another one.
until "$work/worker" "$@"; do
    status=$?
    if [ "$status" -ne 97 ]; then
        exit "$status"
    fi
done
