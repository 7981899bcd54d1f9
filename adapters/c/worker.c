/*
 * The worker in C: drives the libssl that it is compiled against and linked with, and answers JSON lines (adapters/PROTOCOL.md).
 *
 *     cc -std=c99 -I PREFIX/include -o worker worker.c PREFIX/lib/libssl.a PREFIX/lib/libcrypto.a -lpthread -ldl
 *     sslspec check-adapter ./worker
 *     sslspec run -i mine=cmd:./worker
 *
 * `sslspec run -i mine=build:PREFIX` does both, and `-i mine=ssh://HOST/PREFIX?cc=cc` on another machine (there.sh). wolfSSL is asked for by -DWITH_WOLFSSL. It needs C99, POSIX and the library, nothing else;
 * where a system tells the size of an allocated block, references can be counted.
 *
 * It says what the worker in Python says (adapters/native/), event by event, and the two check each other. What differs from one family of
 * libraries to the next is in the first section; below it there is one API.
 *
 *     libraries    the names that some headers lack, and what a library is known not to show
 *     text         strings of JSON, made in memory that is empty again with each message
 *     messages     reading a request
 *     evidence     what was called, written down before it is called
 *     refusals     how an operation ends that cannot be carried out
 *     last words   what is said when the library crashes, hangs, or is caught by a sanitizer
 *     sessions     their names, references and destruction; sessions made by hand
 *     contexts, connections, files, operations, main
 */

#define _XOPEN_SOURCE 700       /* sigaltstack, setitimer */
#define OPENSSL_SUPPRESS_DEPRECATED /* the page's functions are what is tested, also those that have a successor */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#ifdef WITH_WOLFSSL
#include <wolfssl/options.h>

#include <wolfssl/openssl/err.h>
#include <wolfssl/openssl/ssl.h>
#else
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#endif

#ifdef __linux__
#include <malloc.h>
#include <sys/prctl.h>
#endif

/* ---- Libraries ---------------------------------------------------------------------------------------------------------------------- */

/* LibreSSL 2.0 had no number of its own yet. */
#if !defined(LIBRESSL_VERSION_NUMBER) && OPENSSL_VERSION_NUMBER == 0x20000000L
#define LIBRESSL_VERSION_NUMBER OPENSSL_VERSION_NUMBER
#define LIBRESSL_VERSION_TEXT OPENSSL_VERSION_TEXT
#endif

/* family: as sslspec calls it. SAYS: what the library says of itself. RELEASE_AFTER: what stands before the release in it.
 * HEADERS_SAY: the same, by the headers that this file is compiled against; NULL where they do not tell. */
#if defined(WITH_WOLFSSL)
#define FAMILY "wolfssl"
#define SAYS() wolfSSL_lib_version()
#define RELEASE_AFTER ""
#define HEADERS_SAY LIBWOLFSSL_VERSION_STRING
#elif defined(TONGSUO_VERSION_NUMBER)
#define FAMILY "tongsuo"
#define SAYS() OpenSSL_version(11) /* TONGSUO_VERSION; 0 says which OpenSSL it has grown from */
#define RELEASE_AFTER "Tongsuo "
#define HEADERS_SAY NULL
#elif defined(OPENSSL_IS_AWSLC)
#define FAMILY "aws-lc"
#define SAYS() OpenSSL_version(0)
#define RELEASE_AFTER "AWS-LC "
#define HEADERS_SAY "AWS-LC " AWSLC_VERSION_NUMBER_STRING
#elif defined(OPENSSL_IS_BORINGSSL)
#define FAMILY "boringssl"
#define SAYS() OpenSSL_version(0)
#define RELEASE_AFTER "BoringSSL "
#define HEADERS_SAY NULL /* it has no versions */
#elif defined(LIBRESSL_VERSION_NUMBER)
#define FAMILY "libressl"
#define SAYS() SSLeay_version(SSLEAY_VERSION)
#define RELEASE_AFTER "LibreSSL "
#define HEADERS_SAY LIBRESSL_VERSION_TEXT
#else
#define FAMILY "openssl"
#if OPENSSL_VERSION_NUMBER < 0x10100000L
#define SAYS() SSLeay_version(SSLEAY_VERSION)
#else
#define SAYS() OpenSSL_version(OPENSSL_VERSION)
#endif
#define RELEASE_AFTER "OpenSSL "
#define HEADERS_SAY OPENSSL_VERSION_TEXT
#endif

#if defined(OPENSSL_IS_BORINGSSL) || defined(OPENSSL_IS_AWSLC)
#define IS_BORING 1
#endif
/* The OpenSSL whose API these headers have; LibreSSL and BoringSSL claim one that does not fit. */
#if defined(LIBRESSL_VERSION_NUMBER)
#define API_OF_LIBRESSL LIBRESSL_VERSION_NUMBER
#define API_OF_OPENSSL 0
#elif defined(WITH_WOLFSSL) || defined(IS_BORING)
#define API_OF_LIBRESSL 0
#define API_OF_OPENSSL 0
#else
#define API_OF_LIBRESSL 0
#define API_OF_OPENSSL OPENSSL_VERSION_NUMBER
#endif
#define OF_BORING_OR_WOLF (!API_OF_OPENSSL && !API_OF_LIBRESSL)

#define LIMITS_VERSIONS (API_OF_OPENSSL >= 0x10100000L || API_OF_LIBRESSL >= 0x20600000L || OF_BORING_OR_WOLF)
#define HAS_UP_REF (API_OF_OPENSSL >= 0x10100000L || API_OF_LIBRESSL >= 0x20700000L || OF_BORING_OR_WOLF)
#define HAS_IS_RESUMABLE (API_OF_OPENSSL >= 0x10101000L || API_OF_LIBRESSL >= 0x30401000L || OF_BORING_OR_WOLF)
#define STARTS_BY_ITSELF (API_OF_OPENSSL >= 0x10100000L)

#ifdef WITH_WOLFSSL
#define READS_DER 0
#define BY_SOCKETS 1
#define VERIFIES_UNASKED 1
#define SHARED_CACHE "all contexts of a process share one cache in wolfSSL"
#define NO_DESTRUCTION "wolfSSL's cache takes a session's ex_data over, so that its free callback tells nothing of the session"
/* SSL_get_session hands a client a reference into a cache, which it makes for the purpose: no observation. */
#define PEEK "SSL_get0_session"
#define peek_at(ssl) SSL_get0_session(ssl)
#else
#define READS_DER 1
#define BY_SOCKETS 0
#define VERIFIES_UNASKED 0
#define SHARED_CACHE NULL
#define NO_DESTRUCTION NULL
#define PEEK "SSL_get_session"
#define peek_at(ssl) SSL_get_session(ssl)
#endif

#if LIMITS_VERSIONS
#define METHOD_OF(role) ((role) == CLIENT ? TLS_client_method() : TLS_server_method())
#define METHOD_NAME "TLS_%s_method()"
#else
/* There is no way to limit the range of versions: the method is the version. */
#define METHOD_OF(role) ((role) == CLIENT ? TLSv1_2_client_method() : TLSv1_2_server_method())
#define METHOD_NAME "TLSv1_2_%s_method()"
#ifndef SSL_CTX_set_ecdh_auto /* LibreSSL 2.0 */
#define SSL_CTX_set_ecdh_auto(ctx, on) SSL_CTX_ctrl(ctx, 94, on, NULL)
#endif
#endif

/* How many bytes of a block stand before the pointer to it: BoringSSL keeps the block's size there. */
#ifdef IS_BORING
#define AHEAD 8
#else
#define AHEAD 0
#endif

#ifdef __linux__
#define size_of_block(pointer) malloc_usable_size(pointer)
#else
#define size_of_block(pointer) ((void)(pointer), (size_t)0) /* not told */
#endif

/* gcc says it in a macro, clang in a function of its preprocessor. */
#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define WITH_TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#elif __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif

#ifdef __GNUC__
#define NORETURN __attribute__((noreturn))
#define LIKE_PRINTF(at, rest) __attribute__((format(printf, at, rest)))
#else
#define NORETURN
#define LIKE_PRINTF(at, rest)
#endif

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum role { CLIENT, SERVER };

static const char *const roles[] = {"client", "server"};

/* ---- Text --------------------------------------------------------------------------------------------------------------------------- */

/* What is written for one message, the evidence included, stands here until it is answered. */
static char page[1 << 20];
static size_t page_used;
/* More was to be kept than there is room for: the answer would not be the whole truth. */
static int page_full;

/* Return room for LENGTH bytes, and a zero after them. */
static char *room_for(size_t length)
{
    static char none[sizeof page];
    char *place = page + page_used;

    if (length >= sizeof page - page_used) {
        page_full = 1;
        place = none;
        length = length < sizeof none ? length : sizeof none - 1;
    } else {
        page_used += length + 1;
    }
    place[length] = '\0';
    return place;
}

LIKE_PRINTF(1, 2) static char *say(const char *format, ...)
{
    va_list arguments;
    char *text;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    text = room_for(length > 0 ? (size_t)length : 0);
    va_start(arguments, format);
    vsnprintf(text, length > 0 && !page_full ? (size_t)length + 1 : 1, format, arguments);
    va_end(arguments);
    return text;
}

/* Return TEXT as a JSON string; null for NULL. */
static const char *quoted(const char *text)
{
    static const char digits[] = "0123456789abcdef";
    char *json, *to;

    if (text == NULL)
        return "null";
    json = to = room_for(6 * strlen(text) + 2); /* as if each were an escape */
    if (page_full)
        return "null";
    *to++ = '"';
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\') {
            *to++ = '\\';
        } else if (byte < ' ') {
            memcpy(to, "\\u00", 4);
            to[4] = digits[byte >> 4];
            to += 5;
            byte = (unsigned char)digits[byte & 15];
        }
        *to++ = (char)byte;
    }
    *to++ = '"';
    *to++ = '\0';
    page_used = (size_t)(to - page);
    return json;
}

static const char *number(long value)
{
    return say("%ld", value);
}

static const char *truth(int value)
{
    return value ? "true" : "false";
}

/* A list that grows: append("1, 2", "3") is "1, 2, 3". */
static const char *append(const char *list, const char *item)
{
    size_t before = strlen(list), length = strlen(item), between = before ? 2 : 0;
    char *longer = room_for(before + between + length);

    memcpy(longer, list, before);
    memcpy(longer + before, ", ", between);
    memcpy(longer + before + between, item, length);
    return longer;
}

/* ---- Messages ----------------------------------------------------------------------------------------------------------------------- */

enum kind { NULL_VALUE, BOOLEAN, NUMBER, STRING, LIST, OBJECT };

struct value {
    enum kind kind;
    const char *name; /* in an object */
    const char *text;
    long number;
    struct value *first, *next;
};

/* The requests of the protocol have at most a dozen values, none deeper than three. */
static struct value values[256];
static size_t values_used;
enum { DEEPEST = 8 };

static struct value *read_value(char **at, int depth);

static void skip_space(char **at)
{
    *at += strspn(*at, " \t\r\n");
}

static char *put_utf8(char *to, unsigned long code)
{
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *to++ = (char)(0xE0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
        *to++ = (char)(0x80 | (code & 0x3F));
    } else {
        *to++ = (char)(0xF0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3F));
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
        *to++ = (char)(0x80 | (code & 0x3F));
    }
    return to;
}

/* Read four hexadecimal digits; return -1 for anything else. */
static long read_hex(const char *digits)
{
    char four[5] = "";
    size_t read;

    for (read = 0; read < 4; read++) {
        if (!isxdigit((unsigned char)digits[read]))
            return -1;
        four[read] = digits[read];
    }
    return strtol(four, NULL, 16);
}

/* Read what follows "\u", the second half of a pair included. */
static int read_code(char **at, unsigned long *code)
{
    long high = read_hex(*at), low;

    if (high < 0)
        return 0;
    *at += 4;
    *code = (unsigned long)high;
    if (high < 0xD800 || high > 0xDBFF)
        return high != 0; /* a zero would end the text */
    if ((*at)[0] != '\\' || (*at)[1] != 'u' || (low = read_hex(*at + 2)) < 0xDC00 || low > 0xDFFF)
        return 0;
    *at += 6;
    *code = 0x10000UL + ((unsigned long)(high - 0xD800) << 10) + (unsigned long)(low - 0xDC00);
    return 1;
}

/* Read a string, in place: no escape is shorter than what it stands for. Return NULL for one that is none. */
static const char *read_string(char **at)
{
    static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char *text, *to;
    const char *escape;
    unsigned long code;

    if (*(*at)++ != '"')
        return NULL;
    text = to = *at;
    while (**at != '"') {
        if ((unsigned char)**at < ' ')
            return NULL;
        if (**at != '\\') {
            *to++ = *(*at)++;
            continue;
        }
        ++*at;
        if (**at != '\0' && (escape = strchr(escapes, **at)) != NULL) {
            *to++ = meant[escape - escapes];
            ++*at;
        } else if (*(*at)++ != 'u' || !read_code(at, &code)) {
            return NULL;
        } else {
            to = put_utf8(to, code);
        }
    }
    ++*at;
    *to = '\0';
    return text;
}

static int read_word(char **at, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(*at, word, length) != 0)
        return 0;
    *at += length;
    return 1;
}

/* Read what is between brackets or braces; return 0 when it does not end as it should. */
static int read_inside(char **at, struct value *value, char end, int depth)
{
    struct value **last = &value->first;
    const char *name = NULL;

    ++*at;
    skip_space(at);
    while (**at != end) {
        if (value->kind == OBJECT) {
            if ((name = read_string(at)) == NULL)
                return 0;
            skip_space(at);
            if (*(*at)++ != ':')
                return 0;
        }
        if ((*last = read_value(at, depth + 1)) == NULL)
            return 0;
        (*last)->name = name;
        last = &(*last)->next;
        if (**at != end && *(*at)++ != ',')
            return 0;
        skip_space(at);
    }
    ++*at;
    return 1;
}

/* Read a value and the space around it; return NULL for what is no JSON, or more of it than any request has. */
static struct value *read_value(char **at, int depth)
{
    struct value *value = &values[values_used];
    char *end;
    int fine = 1;

    if (depth > DEEPEST || values_used == COUNT_OF(values))
        return NULL;
    values_used++;
    memset(value, 0, sizeof *value);
    skip_space(at);
    if (**at == '"') {
        value->kind = STRING;
        fine = (value->text = read_string(at)) != NULL;
    } else if (**at == '[' || **at == '{') {
        value->kind = **at == '[' ? LIST : OBJECT;
        fine = read_inside(at, value, **at == '[' ? ']' : '}', depth);
    } else if (read_word(at, "true") || read_word(at, "false")) {
        value->kind = BOOLEAN;
    } else if (!read_word(at, "null")) {
        value->kind = NUMBER;
        value->number = strtol(*at, &end, 10);
        fine = end != *at;
        *at = end + strspn(end, ".0123456789eE+-"); /* of a limit in seconds, the whole ones */
    }
    skip_space(at);
    return fine ? value : NULL;
}

/* Return the field of an object, NULL where it has none of that name. */
static const struct value *field(const struct value *object, const char *name)
{
    const struct value *value;

    for (value = object->first; value != NULL; value = value->next)
        if (object->kind == OBJECT && strcmp(value->name, name) == 0)
            return value;
    return NULL;
}

/* ---- Evidence ----------------------------------------------------------------------------------------------------------------------- */

enum { CALL, OBSERVATION, CALLBACK };

struct event {
    int kind;
    const char *name;
    const char *of;         /* the arguments: JSON values with ", " between them */
    const char *volatile is; /* the result; NULL until the call has returned */
    int depth;
};

/* Handlers of signals read them at any moment: an event counts when it is whole. */
static struct event events[4096];
static volatile sig_atomic_t events_used;
static int nesting; /* in how many callbacks */

static void tell_so_far(void);

/* Where a sanitizer ends the process without a word from us, whatever happens is told at once. */
static void tell_at_once(void)
{
#ifdef WITH_TSAN
    tell_so_far();
#endif
}

static size_t begin(int kind, const char *name, const char *of)
{
    struct event *event = &events[events_used];

    if ((size_t)events_used == COUNT_OF(events) - 1) {
        page_full = 1;
    } else {
        event->kind = kind;
        event->name = name;
        event->of = of;
        event->is = NULL;
        event->depth = nesting;
        events_used++;
    }
    tell_at_once();
    return (size_t)(event - events);
}

static void observe(const char *what, const char *of, const char *is)
{
    events[begin(OBSERVATION, what, of)].is = is;
    tell_at_once();
}

/* Return arguments as JSON: those that FORMAT names, s a string or NULL, i an int, j what is JSON already. */
static const char *of(const char *format, ...)
{
    const char *list = "";
    va_list arguments;

    va_start(arguments, format);
    for (; *format != '\0'; format++)
        if (*format == 's')
            list = append(list, quoted(va_arg(arguments, const char *)));
        else if (*format == 'i')
            list = append(list, number(va_arg(arguments, int)));
        else
            list = append(list, va_arg(arguments, const char *));
    va_end(arguments);
    return list;
}

/* Make a call of the library between two lines of evidence: before it, so that a crash names it, and what it has returned. */
#define MADE(function, arguments, call, shown) \
    do { \
        size_t made_at = begin(CALL, function, arguments); \
        call; \
        events[made_at].is = (shown); \
        tell_at_once(); \
    } while (0)

/* ---- Refusals ----------------------------------------------------------------------------------------------------------------------- */

static jmp_buf refused;
static const char *refusal, *refusal_with;

/* End the operation under way with an error of the protocol. Never inside of a callback: the library's frames would be skipped. */
NORETURN static void refuse(const char *error, const char *with)
{
    refusal = error;
    refusal_with = with;
    longjmp(refused, 1);
}

NORETURN static void broken(const char *reason)
{
    refuse("AdapterBroken", say("{\"reason\": %s}", quoted(reason)));
}

NORETURN static void not_observable(const char *capability, const char *why)
{
    refuse("NotObservable", say("{\"capability\": %s, \"why\": %s}", quoted(capability), quoted(why)));
}

/* ---- Last words --------------------------------------------------------------------------------------------------------------------- */

/* Everything here may run in a handler, in the middle of anything: no memory is allocated, no lock is taken. */

/* The paths of the libraries that this program was linked with, when there.sh has started it: files that the client cannot read, and
 * another process to come after this one. */
static char **linked;
/* What it ends with when it has said all, or was told to leave; there.sh knows the number. */
enum { LAST_WORDS_SAID = 97 };
static int leaves;

static int answers = -1;
static volatile sig_atomic_t message_id;
static volatile sig_atomic_t ended; /* the last words are said */
static long limit;                  /* seconds for one operation */
static char limit_said[24];         /* the same, written */
static char line[1 << 15];
static size_t line_used;

static void put_bytes(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(answers, bytes, length);

        if (written < 0 && errno != EINTR)
            _exit(1); /* whoever asked has gone */
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
}

static void flush(void)
{
    put_bytes(line, line_used);
    line_used = 0;
}

static void put_some(const char *text, size_t length)
{
    if (length > sizeof line - line_used)
        flush();
    if (length > sizeof line) {
        put_bytes(text, length);
        return;
    }
    memcpy(line + line_used, text, length);
    line_used += length;
}

static void put(const char *text)
{
    put_some(text, strlen(text));
}

static void put_number(long value)
{
    char digits[24];
    size_t at = sizeof digits;
    unsigned long left = value < 0 ? 0UL - (unsigned long)value : (unsigned long)value;

    do
        digits[--at] = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0)
        digits[--at] = '-';
    put_some(digits + at, sizeof digits - at);
}

static void put_events(void)
{
    static const char *const kinds[] = {"{\"call\": \"", "{\"observation\": \"", "{\"callback\": \""};
    const struct event *event;

    put("[");
    for (event = events; event < events + events_used; event++) {
        put(event == events ? "" : ", ");
        put(kinds[event->kind]);
        put(event->name);
        put("\", \"of\": [");
        put(event->of);
        put("]");
        if (event->kind != CALLBACK) {
            put(", \"is\": ");
            put(event->is ? event->is : "\"(did not return)\"");
        }
        if (event->depth) {
            put(", \"depth\": ");
            put_number(event->depth);
        }
        put("}");
    }
    put("]");
}

/* Write a string of JSON, from its first quotation mark, without the marks; return where it ends. What is written goes into a string of
 * JSON again: its escapes stay as they are. */
static const char *put_contents(const char *from)
{
    const char *end = from + 1;

    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    put_some(from + 1, (size_t)(end - from - 1));
    return end + 1;
}

/* Write arguments as people read them: objects by name, NULL, words of a list with | between them, field=value. */
static void put_plainly(const char *json)
{
    static const struct {
        const char *json, *plain;
    } words[] = {{"null", "NULL"}, {"true", "yes"}, {"false", "no"}, {"[]", "none"}, {": ", "="}, {"[", ""}, {"]", ""}, {"{", ""}, {"}", ""}};
    int listed = 0;
    size_t word;

    while (*json != '\0') {
        listed += (*json == '[') - (*json == ']');
        for (word = 0; word < COUNT_OF(words) && strncmp(json, words[word].json, strlen(words[word].json)) != 0; word++)
            continue;
        if (*json == '"') {
            json = put_contents(json);
        } else if (word < COUNT_OF(words)) {
            put(words[word].plain);
            listed -= words[word].json[1] == ']';
            json += strlen(words[word].json);
        } else if (listed && strncmp(json, ", ", 2) == 0) {
            put("|");
            json += 2;
        } else {
            put_some(json++, 1);
        }
    }
}

/* Write the call that does not return, and the callbacks and calls that it was made inside of. */
static void put_under_way(void)
{
    const struct event *event, *inner = NULL;

    for (event = events + events_used; event-- > events;) {
        if (inner && inner->kind == CALL ? event->kind != CALLBACK || event->depth >= inner->depth : event->kind != CALL || event->is)
            continue;
        put(inner ? " inside " : "");
        put(event->kind == CALLBACK ? "callback " : "");
        put(event->name);
        put("(");
        put_plainly(event->of);
        put(")");
        inner = event;
    }
}

/* Write that the operation has ended badly: ERROR with the call, and a field of its own. */
static void put_end(const char *error, const char *field_name, const char *json)
{
    if (ended++)
        return;
    line_used = 0;
    put("{\"id\": ");
    put_number(message_id);
    put(", \"error\": \"");
    put(error);
    put("\", \"with\": {\"call\": \"");
    put_under_way();
    put("\", \"");
    put(field_name);
    put("\": ");
    put(json);
    put("}, \"events\": ");
    put_events();
    put("}\n");
    flush();
}

static const struct {
    int number;
    const char *name;
} crashes[] = {{SIGABRT, "\"SIGABRT\""}, {SIGSEGV, "\"SIGSEGV\""}, {SIGBUS, "\"SIGBUS\""},
               {SIGILL, "\"SIGILL\""},   {SIGFPE, "\"SIGFPE\""},   {SIGTRAP, "\"SIGTRAP\""}};

static void crashed(int number)
{
    size_t crash;

    for (crash = 0; crash < COUNT_OF(crashes); crash++)
        if (crashes[crash].number == number)
            put_end("LibraryCrashed", "signal", crashes[crash].name);
    if (linked)
        _exit(LAST_WORDS_SAID);
    signal(number, SIG_DFL);
    raise(number);
}

static volatile sig_atomic_t told; /* how many of the events are in the last line of that kind */

/* Say what this operation has done so far, in a line that is no answer. */
static void tell_so_far(void)
{
    told = events_used; /* first: a tick that comes in between has nothing to say */
    line_used = 0;
    put("{\"id\": ");
    put_number(message_id);
    put(", \"so_far\": ");
    put_events();
    put("}\n");
    flush();
}

/* Four times a second while an operation is under way. A client that has less patience than it told us will want to know what was called;
 * one that is gone does not end us. */
enum { TICKS = 4, GRACE = 5 };
static volatile sig_atomic_t ticks;

static void tick(int number)
{
    int kept = errno;
    (void)number;

    if (ended)
        return;
    if (++ticks > (limit + GRACE) * TICKS)
        _exit(1);
    if (ticks == limit * TICKS) {
        put_end("LibraryHung", "seconds", limit_said);
        _exit(LAST_WORDS_SAID);
    }
    if (told != events_used)
        tell_so_far();
    errno = kept;
}

static void set_timer(int on)
{
    struct itimerval timer = {{0, 0}, {0, 0}};

    if (on)
        timer.it_interval.tv_usec = timer.it_value.tv_usec = 1000000 / TICKS;
    ticks = told = 0;
    if (limit > 0)
        setitimer(ITIMER_REAL, &timer, NULL);
}

static void handle(int number, void (*handler)(int), int flags)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigfillset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void handle_signals(void)
{
    static char stack[1 << 16]; /* the ordinary one may be what ran over */
    stack_t alternate;
    size_t crash;

    memset(&alternate, 0, sizeof alternate);
    alternate.ss_sp = stack;
    alternate.ss_size = sizeof stack;
    sigaltstack(&alternate, NULL);
#ifndef WITH_ASAN /* has handlers of its own, which say more */
    for (crash = 0; crash < COUNT_OF(crashes); crash++)
        handle(crashes[crash].number, crashed, SA_ONSTACK | SA_RESETHAND);
#else
    (void)crash;
    handle(SIGABRT, crashed, SA_ONSTACK | SA_RESETHAND);
#endif
    handle(SIGALRM, tick, SA_ONSTACK | SA_RESTART);
    handle(SIGINT, SIG_IGN, 0);  /* Ctrl-C is for the client, which then closes our input */
    handle(SIGPIPE, SIG_IGN, 0); /* a library may write to a socket whose other end has hung up */
}

#ifdef WITH_ASAN
const char *__asan_default_options(void);
void __asan_set_error_report_callback(void (*callback)(const char *report));

/* Leaks are no business of the session API's page; the process is full of them when a row has crashed. */
const char *__asan_default_options(void)
{
    return "detect_leaks=0:handle_abort=0:detect_stack_use_after_return=0";
}

/* The client reads the report, on standard error; only we know the calls. */
static void reported(const char *report)
{
    (void)report;
    ended = 1;
    tell_so_far();
}
#endif

#ifdef WITH_TSAN
const char *__tsan_default_options(void);

/* Nothing is said when it reports: that may be in another thread, and to read here what ours has written is a race of its own, whose report
 * waits for this one's for ever. It ends the process, the client reads the report, and what was said beforehand names the call. */
const char *__tsan_default_options(void)
{
    return "halt_on_error=1";
}
#endif

static void hear_of_sanitizers(void)
{
#ifdef WITH_ASAN
    __asan_set_error_report_callback(reported);
#endif
}

/* ---- Sessions ----------------------------------------------------------------------------------------------------------------------- */

struct session {
    char name[24];
    SSL_SESSION *pointer;
    intptr_t tag;    /* in its ex_data; never used twice, so that a late callback names no session of another row */
    int known;       /* the pointer means this session: until it is destroyed */
    int destroyed;
    int held;        /* references that the application has taken and not given back */
    int first_held;  /* when the first of them was taken, in the order of the row */
};

static struct session sessions[4096];
static size_t sessions_used;
static int holdings;
static intptr_t next_tag;
static int row; /* how many there have been */
static int tag_index = -1; /* of ex_data; -1: destruction cannot be seen */
static long count_offset;  /* in bytes, of the reference count in a session */
static const char *no_count = "it was not looked for";

static struct session *session_at(SSL_SESSION *pointer)
{
    struct session *session;

    for (session = sessions; session < sessions + sessions_used; session++)
        if (session->known && session->pointer == pointer)
            return session;
    if (sessions_used == COUNT_OF(sessions)) {
        page_full = 1;
        return sessions;
    }
    memset(session, 0, sizeof *session);
    snprintf(session->name, sizeof session->name, "session%d", (int)++sessions_used);
    session->pointer = pointer;
    session->known = 1;
    if (tag_index >= 0) {
        session->tag = ++next_tag;
        SSL_SESSION_set_ex_data(pointer, tag_index, (void *)session->tag);
    }
    return session;
}

static const char *session_name(SSL_SESSION *pointer)
{
    return pointer ? session_at(pointer)->name : NULL;
}

static void hold(struct session *session)
{
    if (!session->first_held)
        session->first_held = ++holdings;
    session->held++;
}

/* Be called by the library when it frees a session. TLS 1.3 duplicates sessions with their ex_data: the tag alone could name the original
 * when its copy is freed. */
static void session_freed(void *parent, void *tag, CRYPTO_EX_DATA *data, int index, long number_of_ours, void *pointer_of_ours)
{
    struct session *session;
    (void)data, (void)index, (void)number_of_ours, (void)pointer_of_ours;

    for (session = sessions; session < sessions + sessions_used; session++)
        if (session->tag != 0 && session->tag == (intptr_t)tag && (parent == NULL || parent == (void *)session->pointer)) {
            session->destroyed = 1;
            session->known = 0;
        }
}

/* Return where a session is; it is not used when it is gone. */
static SSL_SESSION *alive(const struct session *session)
{
    if (session->destroyed && session->held > 0)
        refuse("LibraryDestroyedSession", say("{\"session\": \"%s\", \"held\": %d}", session->name, session->held));
    if (session->destroyed)
        broken(say("%s was destroyed and is used again", session->name));
    return session->pointer;
}

static const char *why_no_count(const struct session *session)
{
    if (no_count)
        return no_count;
    if (!session->destroyed && tag_index < 0 && session->held <= 0)
        return "nothing keeps the session's memory valid, and its destruction cannot be seen";
    return NULL;
}

/* Return how many references there are; -1 where they cannot be seen. */
static long count_of(const struct session *session)
{
    unsigned int word;

    if (why_no_count(session))
        return -1;
    if (session->destroyed)
        return 0;
    memcpy(&word, (const char *)session->pointer + count_offset, sizeof word);
    return (long)word;
}

/* Hear that a reference was given back that the application still counts on. Where no callback tells that it was the last, the count did. */
static void was_freed(struct session *session, long before)
{
    if (tag_index < 0 && before == 1)
        session->destroyed = 1;
}

/* A session made by hand is DER that d2i_SSL_SESSION(3) reads: the ASN.1 of ssl/ssl_asn1.c, as OpenSSL 0.9.8 to 4.0 and their kin have it. */

struct der {
    unsigned char bytes[256];
    size_t used;
};

static void put_tagged(struct der *der, unsigned char tag, const void *content, size_t length)
{
    der->bytes[der->used++] = tag;
    if (length >= 0x80)
        der->bytes[der->used++] = 0x81;
    der->bytes[der->used++] = (unsigned char)length;
    if (length > 0)
        memcpy(der->bytes + der->used, content, length);
    der->used += length;
}

static void put_integer(struct der *der, unsigned long long value)
{
    unsigned char bytes[9];
    size_t at = sizeof bytes;

    do
        bytes[--at] = (unsigned char)value;
    while ((value >>= 8) != 0);
    if (bytes[at] & 0x80)
        bytes[--at] = 0;
    put_tagged(der, 0x02, bytes + at, sizeof bytes - at);
}

static void put_explicit(struct der *der, int tag, const struct der *content)
{
    put_tagged(der, (unsigned char)(0xA0 | tag), content->bytes, content->used);
}

static void put_explicit_integer(struct der *der, int tag, unsigned long long value)
{
    struct der content = {{0}, 0};

    put_integer(&content, value);
    put_explicit(der, tag, &content);
}

static void put_explicit_octets(struct der *der, int tag, const void *octets, size_t length)
{
    struct der content = {{0}, 0};

    put_tagged(&content, 0x04, octets, length);
    put_explicit(der, tag, &content);
}

enum { ID_LENGTH = 32 };

/* Write the session id that a label stands for, and return its length: equal labels have equal ids, "" has none. */
static size_t id_of(const char *label, unsigned char id[ID_LENGTH])
{
    size_t length = strlen(label);

    memset(id, 0, ID_LENGTH);
    memcpy(id, label, length < ID_LENGTH ? length : ID_LENGTH);
    return length ? ID_LENGTH : 0;
}

/* version: the protocol's number. cipher: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and TLS_AES_128_GCM_SHA256; 0x0399 is a TLS that was never
 * made. secret: how long it is. */
static const struct flavour {
    const char *name;
    int version;
    unsigned char cipher[2];
    size_t secret;
} flavours[] = {
    {"TLSv1.2", 0x0303, {0xC0, 0x2B}, 48},
    {"TLSv1.3", 0x0304, {0x13, 0x01}, 32},
    {"unheard of", 0x0399, {0xC0, 0x2B}, 48},
};

static const struct flavour *flavour_of(const char *version)
{
    size_t at;

    for (at = 0; at < COUNT_OF(flavours); at++)
        if (strcmp(flavours[at].name, version) == 0)
            return &flavours[at];
    broken(say("no session of %s can be made", version));
}

static SSL_SESSION *make_session(const char *label, const struct flavour *flavour, long age, long timeout)
{
    struct der fields = {{0}, 0}, whole = {{0}, 0};
    unsigned char id[ID_LENGTH], secret[48];
    const unsigned char *at = whole.bytes;
    size_t id_length = id_of(label, id), byte;

    for (byte = 0; byte < sizeof secret; byte++)
        secret[byte] = (unsigned char)byte;
    put_integer(&fields, 1);
    put_integer(&fields, (unsigned long long)flavour->version);
    put_tagged(&fields, 0x04, flavour->cipher, sizeof flavour->cipher);
    put_tagged(&fields, 0x04, id, id_length);
    put_tagged(&fields, 0x04, secret, flavour->secret);
    put_explicit_integer(&fields, 1, (unsigned long long)((long)time(NULL) - age));
    put_explicit_integer(&fields, 2, (unsigned long long)timeout);
    put_explicit_octets(&fields, 4, "", 0);
    /* Sessions of TLS 1.3 come in tickets, and BoringSSL calls none resumable that has no ticket. */
    if (id_length && strcmp(flavour->name, "TLSv1.3") == 0)
        put_explicit_octets(&fields, 10, id, id_length);
    put_tagged(&whole, 0x30, fields.bytes, fields.used);
#if READS_DER
    return d2i_SSL_SESSION(NULL, &at, (long)whole.used);
#else
    (void)at;
    return SSL_SESSION_new();
#endif
}

/* No release has a function that tells the count. So a reference is taken twice and given back twice, and the one word of the session's
 * memory that went n, n+1, n+2, n+1, n is the count, at the same place in every session. With no such word, or with two, nothing is
 * claimed. (adapters/refcount.py) */

enum { SHOTS = 5, MOST_WORDS = 4096 };

static void take_reference(SSL_SESSION *session, SSL *holder)
{
#if HAS_UP_REF
    (void)holder;
    SSL_SESSION_up_ref(session);
#else
    (void)session;
    SSL_get1_session(holder);
#endif
}

static void calibrate(SSL_SESSION *session, SSL *holder)
{
    static const unsigned int moves[SHOTS] = {0, 1, 2, 1, 0};
    static unsigned int shots[SHOTS][MOST_WORDS];
    size_t size = size_of_block((char *)session - AHEAD), words, word, shot, found = 0;

    if (size == 0) {
        no_count = "this system does not tell the size of a block (no malloc_usable_size)";
        return;
    }
    words = (size - AHEAD) / sizeof shots[0][0];
    if (words > MOST_WORDS)
        words = MOST_WORDS;
    for (shot = 0; shot < SHOTS; shot++) {
        if (shot == 1 || shot == 2)
            take_reference(session, holder);
        else if (shot > 2)
            SSL_SESSION_free(session);
        memcpy(shots[shot], session, words * sizeof shots[0][0]);
    }
    for (word = 0; word < words; word++) {
        for (shot = 0; shot < SHOTS && shots[shot][word] - shots[0][word] == moves[shot]; shot++)
            continue;
        if (shot == SHOTS) {
            found++;
            count_offset = (long)(word * sizeof shots[0][0]);
        }
    }
    no_count = found == 1 ? NULL : "not exactly one word of a session moves like a reference count";
}

static void look_for_count(void)
{
    SSL_SESSION *session = make_session("calibration", &flavours[0], 0, 7200);
    SSL *holder = NULL;
#if !HAS_UP_REF
    SSL_CTX *context;
#endif

    if (session == NULL) {
        no_count = "no session can be made by hand to find the count in";
        return;
    }
#if !HAS_UP_REF
    context = SSL_CTX_new(METHOD_OF(CLIENT));
    holder = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_session(holder, session);
#endif
    calibrate(session, holder);
    if (holder)
        SSL_free(holder);
    SSL_SESSION_free(session);
}

static void look_for_destruction(void)
{
    if (!NO_DESTRUCTION)
        tag_index = SSL_SESSION_get_ex_new_index(0, NULL, NULL, NULL, session_freed);
}

/* ---- Contexts ----------------------------------------------------------------------------------------------------------------------- */

static const struct variant {
    const char *name, *version;
    int number;
    int in_cache;  /* the server issues no self-contained tickets */
    int asks_for_tickets; /* where a client does not by itself */
} variants[] = {
    {"TLS 1.2 with session ids", "TLSv1.2", 0x0303, 1, 0},
    {"TLS 1.2 with tickets", "TLSv1.2", 0x0303, 0, 1},
    {"TLS 1.3 stateless", "TLSv1.3", 0x0304, 0, 0},
    {"TLS 1.3 stateful", "TLSv1.3", 0x0304, 1, 0},
};

struct context {
    char name[24];
    SSL_CTX *pointer;
    enum role role;
    const struct variant *variant;
    int freed; /* by the application; connections may keep it */
    int watched;
    const char *reaction; /* what the callback for removed sessions is still to do; NULL for nothing */
    int reacted;          /* it called what returns something, which is: */
    long returned;
};

static struct context contexts[2048];
static size_t contexts_used;

/* The sessions that callbacks for removals were called with, in order. */
static struct removal {
    const struct context *context;
    const char *session;
} removals[4096];
static size_t removals_used;

static unsigned char certificate[1024], key[1024];
static int certificate_length, key_length;

/* Take the error stack, oldest first: as a list of JSON, or as people read it where JOINT is not NULL. */
static const char *take_errors(const char *joint)
{
    const char *list = "", *reason;
    unsigned long code;

    while ((code = ERR_get_error()) != 0) {
        reason = ERR_reason_error_string(code);
        if (reason == NULL)
            reason = say("error 0x%lx", code);
        if (joint == NULL)
            list = append(list, quoted(reason));
        else
            list = *list ? say("%s%s%s", list, joint, reason) : reason;
    }
    return list;
}

static const char *outcome(int value)
{
    return say("[%d, [%s]]", value, take_errors(NULL));
}

/* Return the context whose callback is called with POINTER; NULL for one of a row before this one. */
static struct context *watched_by(const SSL_CTX *pointer)
{
    struct context *context;

    /* The last first: memory of one that is gone may be another's by now. wolfSSL does not always say which one it is. */
    for (context = contexts + contexts_used; context-- > contexts;)
        if (context->watched && (context->pointer == pointer || pointer == NULL))
            return context;
    return NULL;
}

static void react(struct context *context, SSL_CTX *ctx, struct session *session, SSL_SESSION *pointer)
{
    const char *reaction = context->reaction;
    const char *both = of("ss", context->name, session->name);
    long before;

    context->reaction = NULL; /* once, or a removal that calls back would never end */
    if (strcmp(reaction, "counts the entries") == 0)
        MADE("SSL_CTX_sess_number", of("s", context->name), context->returned = (long)SSL_CTX_sess_number(ctx), number(context->returned));
    else if (strcmp(reaction, "adds the session") == 0)
        MADE("SSL_CTX_add_session", both, context->returned = SSL_CTX_add_session(ctx, pointer), number(context->returned));
    else if (strcmp(reaction, "removes the session") == 0)
        MADE("SSL_CTX_remove_session", both, context->returned = SSL_CTX_remove_session(ctx, pointer), number(context->returned));
    else {
        before = count_of(session);
        MADE("SSL_SESSION_free", of("s", session->name), SSL_SESSION_free(pointer), "null");
        was_freed(session, before);
        return;
    }
    context->reacted = 1;
}

/* Be called by the library when a session leaves a cache. */
static void session_removed(SSL_CTX *ctx, SSL_SESSION *pointer)
{
    struct context *context = watched_by(ctx);
    struct session *session;

    if (context == NULL)
        return;
    session = session_at(pointer);
    if (removals_used < COUNT_OF(removals)) {
        removals[removals_used].context = context;
        removals[removals_used++].session = session->name;
    } else {
        page_full = 1;
    }
    begin(CALLBACK, "remove_session", of("ss", context->name, session->name));
    if (context->reaction) {
        nesting++;
        react(context, ctx, session, pointer);
        nesting--;
    }
}

static int session_arrived(SSL *ssl, SSL_SESSION *pointer);

static void limit_protocol(const struct context *context)
{
#if LIMITS_VERSIONS
    const char *arguments = of("ss", context->name, context->variant->version);

    MADE("SSL_CTX_set_min_proto_version", arguments, SSL_CTX_set_min_proto_version(context->pointer, context->variant->number), "null");
    MADE("SSL_CTX_set_max_proto_version", arguments, SSL_CTX_set_max_proto_version(context->pointer, context->variant->number), "null");
#else
    /* Before 1.1.0 a server offers no elliptic curve unless told to, and could not use its P-256 key. */
    if (context->role == SERVER)
        MADE("SSL_CTX_set_ecdh_auto", of("si", context->name, 1), SSL_CTX_set_ecdh_auto(context->pointer, 1), "null");
#endif
    if (context->variant->in_cache)
        MADE("SSL_CTX_set_options", of("ss", context->name, "SSL_OP_NO_TICKET"), SSL_CTX_set_options(context->pointer, SSL_OP_NO_TICKET),
             "null");
}

static void make_server(const struct context *context)
{
    int shown, signs;

    MADE("SSL_CTX_use_certificate_ASN1", of("ss", context->name, "certificate"),
         shown = SSL_CTX_use_certificate_ASN1(context->pointer, certificate_length, certificate), number(shown));
    MADE("SSL_CTX_use_PrivateKey_ASN1", of("ss", context->name, "key"),
         signs = SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_EC, context->pointer, key, key_length), number(signs));
    if (shown != 1 || signs != 1)
        broken(say("the library does not take the server's certificate: %s", take_errors("; ")));
}

static void make_client(const struct context *context)
{
    if (VERIFIES_UNASKED)
        MADE("SSL_CTX_set_verify", of("ss", context->name, "SSL_VERIFY_NONE"), SSL_CTX_set_verify(context->pointer, SSL_VERIFY_NONE, NULL),
             "null");
#ifdef WITH_WOLFSSL
    if (context->variant->asks_for_tickets) {
        int asked;

        MADE("SSL_CTX_UseSessionTicket", of("s", context->name), asked = wolfSSL_CTX_UseSessionTicket(context->pointer), number(asked));
    }
#endif
    if (strcmp(context->variant->version, "TLSv1.3") == 0)
        MADE("SSL_CTX_sess_set_new_cb", of("ss", context->name, "new_session"), SSL_CTX_sess_set_new_cb(context->pointer, session_arrived),
             "null");
}

static struct context *new_context(enum role role, const struct variant *variant)
{
    struct context *context = &contexts[contexts_used];

    if (contexts_used == COUNT_OF(contexts))
        broken("a row with so many contexts was not thought of");
    memset(context, 0, sizeof *context);
    snprintf(context->name, sizeof context->name, "ctx%d", (int)++contexts_used);
    context->role = role;
    context->variant = variant;
    context->freed = 1; /* until it is made */
    MADE("SSL_CTX_new", of("s", say(METHOD_NAME, roles[role])), context->pointer = SSL_CTX_new(METHOD_OF(role)), quoted(context->name));
    if (context->pointer == NULL)
        broken(say("SSL_CTX_new failed: %s", take_errors("; ")));
    context->freed = 0;
    limit_protocol(context);
    if (role == SERVER)
        make_server(context);
    else
        make_client(context);
    return context;
}

static void set_cache_mode(const struct context *context, const char *words, long bits)
{
    MADE("SSL_CTX_set_session_cache_mode", of("sj", context->name, words), SSL_CTX_set_session_cache_mode(context->pointer, (int)bits), "null");
}

static void free_context(struct context *context)
{
    context->freed = 1;
    MADE("SSL_CTX_free", of("s", context->name), SSL_CTX_free(context->pointer), "null");
}

/* ---- Connections -------------------------------------------------------------------------------------------------------------------- */

enum { MOST_DELIVERED = 64 };

struct connection {
    char name[24];
    SSL *pointer;
    struct context *context;
    struct connection *peer;
    int freed;
    int finished;
    char failed[512];
    BIO *bio;
    int socket; /* -1 for none */
    struct session *delivered[MOST_DELIVERED];
    size_t delivered_used;
};

static struct connection connections[2048];
static size_t connections_used, named[2];

/* Be called by the library of a client of TLS 1.3 with each session that has come, and take the reference. */
static int session_arrived(SSL *ssl, SSL_SESSION *pointer)
{
    struct session *session = session_at(pointer);
    struct connection *connection;

    for (connection = connections + connections_used; connection-- > connections;)
        if (!connection->freed && connection->pointer == ssl) {
            begin(CALLBACK, "new_session", of("ss", connection->name, session->name));
            if (connection->delivered_used < MOST_DELIVERED)
                connection->delivered[connection->delivered_used++] = session;
            else
                page_full = 1;
            hold(session);
            return 1;
        }
    return 0;
}

static struct connection *new_connection(struct context *context)
{
    struct connection *connection = &connections[connections_used];

    if (connections_used == COUNT_OF(connections))
        broken("a row with so many connections was not thought of");
    memset(connection, 0, sizeof *connection);
    connections_used++;
    snprintf(connection->name, sizeof connection->name, "%s%d", roles[context->role], (int)++named[context->role]);
    connection->context = context;
    connection->socket = -1;
    MADE("SSL_new", of("s", context->name), connection->pointer = SSL_new(context->pointer), quoted(connection->name));
    return connection;
}

/* Forget what a connection was joined to; the other end keeps its own half. */
static void part(struct connection *connection)
{
    if (connection->peer)
        connection->peer->peer = NULL;
    connection->peer = NULL;
}

static void close_socket(struct connection *connection)
{
    if (connection->socket >= 0)
        close(connection->socket);
    connection->socket = -1;
}

static const char *end_of(const char *kind, const struct connection *connection)
{
    return say("%s of %s", kind, connection->name);
}

#if BY_SOCKETS
static void join(struct connection *ends[2])
{
    int sockets[2] = {-1, -1}, end, set;

    MADE("socketpair", of("ss", end_of("socket", ends[0]), end_of("socket", ends[1])),
         (void)!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), "null");
    for (end = 0; end < 2; end++) {
        close_socket(ends[end]);
        ends[end]->socket = sockets[end];
        fcntl(sockets[end], F_SETFL, fcntl(sockets[end], F_GETFL) | O_NONBLOCK);
        MADE("SSL_set_fd", of("ss", ends[end]->name, end_of("socket", ends[end])), set = SSL_set_fd(ends[end]->pointer, sockets[end]),
             number(set));
    }
}
#else
static void join(struct connection *ends[2])
{
    int end;

    MADE("BIO_new_bio_pair", of("ss", end_of("BIO", ends[0]), end_of("BIO", ends[1])),
         BIO_new_bio_pair(&ends[0]->bio, 0, &ends[1]->bio, 0), "null");
    for (end = 0; end < 2; end++)
        MADE("SSL_set_bio", of("ss", ends[end]->name, end_of("BIO", ends[end])),
             SSL_set_bio(ends[end]->pointer, ends[end]->bio, ends[end]->bio), "null");
}
#endif

static void hang_up(const struct connection *connection)
{
    if (BY_SOCKETS)
        MADE("shutdown", of("ss", end_of("socket", connection), "SHUT_WR"), shutdown(connection->socket, SHUT_WR), "null");
#if !BY_SOCKETS
    else
        MADE("BIO_shutdown_wr", of("s", end_of("BIO", connection)), (void)BIO_shutdown_wr(connection->bio), "null");
#endif
}

/* The same numbers in every release; wolfSSL has others beside them, which have no names here. */
static const char *name_of_error(int code)
{
    static const char *const names[] = {NULL, "SSL_ERROR_SSL", "SSL_ERROR_WANT_READ", "SSL_ERROR_WANT_WRITE", NULL, "SSL_ERROR_SYSCALL",
                                        "SSL_ERROR_ZERO_RETURN"};

    return code > 0 && (size_t)code < COUNT_OF(names) ? names[code] : NULL;
}

/* Return why a call has failed, in words: the error stack, or what SSL_get_error has said. */
static const char *reason_for(int code)
{
    const char *errors = take_errors("; ");

    if (*errors)
        return errors;
    return name_of_error(code) ? name_of_error(code) : number(code);
}

static void turn(struct connection *connection)
{
    int connects = connection->context->role == CLIENT, result, code;
    const char *function = connects ? "SSL_connect" : "SSL_accept";

    if (connection->finished)
        return;
    ERR_clear_error();
    MADE(function, of("s", connection->name), result = connects ? SSL_connect(connection->pointer) : SSL_accept(connection->pointer),
         number(result));
    if (result == 1) {
        connection->finished = 1;
        return;
    }
    MADE("SSL_get_error", of("si", connection->name, result), code = SSL_get_error(connection->pointer, result), quoted(name_of_error(code)));
    if (code != SSL_ERROR_WANT_READ && code != SSL_ERROR_WANT_WRITE)
        snprintf(connection->failed, sizeof connection->failed, "%s(%s): %s", function, connection->name, reason_for(code));
}

/* A handshake in memory needs at most five turns of each end; more means that it does not move. */
enum { TURNS = 12 };

static const char *shake_hands(struct connection *client, struct connection *server, const char *until)
{
    struct connection *ends[2];
    int turns = strcmp(until, "client spoke") == 0 ? 1 : strcmp(until, "server answered") == 0 ? 2 : 2 * TURNS, at;

    ends[0] = client;
    ends[1] = server;
    if (client->peer == NULL) {
        for (at = 0; at < 2; at++) {
            ends[at]->peer = ends[!at];
            ends[at]->finished = 0;
            ends[at]->failed[0] = '\0';
        }
        join(ends);
    }
    for (at = 0; at < turns && !*client->failed && !*server->failed && !(client->finished && server->finished); at++)
        turn(ends[at % 2]);
    return *client->failed ? client->failed : server->failed;
}

static void exchange_byte(struct connection *client, struct connection *server)
{
    char byte;
    int written, read;

    ERR_clear_error();
    MADE("SSL_write", of("ss", server->name, "1 byte"), written = SSL_write(server->pointer, "x", 1), number(written));
    MADE("SSL_read", of("ss", client->name, "1 byte"), read = SSL_read(client->pointer, &byte, 1), number(read));
    if (read != 1)
        broken(say("%s could not read what %s wrote: %s", client->name, server->name, reason_for(SSL_get_error(client->pointer, read))));
}

static void free_connection(struct connection *connection)
{
    MADE("SSL_free", of("s", connection->name), SSL_free(connection->pointer), "null");
    part(connection);
    connection->freed = 1;
    close_socket(connection);
}

static struct session *get_session(const struct connection *connection)
{
    SSL_SESSION *found;

    MADE("SSL_get1_session", of("s", connection->name), found = SSL_get1_session(connection->pointer), quoted(session_name(found)));
    if (found == NULL)
        return NULL;
    hold(session_at(found));
    return session_at(found);
}

static void release(struct session *session)
{
    long before = count_of(session);
    SSL_SESSION *pointer = alive(session);

    session->held--;
    MADE("SSL_SESSION_free", of("s", session->name), SSL_SESSION_free(pointer), "null");
    if (tag_index < 0 && before == 1)
        session->known = 0; /* no callback tells, but it is gone: what is at its place next must not have its name */
    if (before >= 0 && tag_index >= 0 && session->destroyed != (before == 1))
        broken(say("the count of %s was %ld before its release, but destroyed is %s after it", session->name, before,
                   session->destroyed ? "True" : "False"));
}

static struct session *received_session(struct connection *connection)
{
    size_t others;

    if (strcmp(connection->context->variant->version, "TLSv1.3") != 0)
        return get_session(connection);
    if (connection->delivered_used == 0)
        return NULL;
    others = connection->delivered_used - 1;
    connection->delivered_used = 0;
    for (size_t other = 0; other < others; other++)
        release(connection->delivered[other]);
    return connection->delivered[others];
}

#if !READS_DER
/* Return the session of a handshake of which nothing else is left, with this id and so many seconds to live. */
static struct session *shake_out(const char *label, const char *version, long lifetime)
{
    const struct variant *variant = strcmp(version, "TLSv1.2") == 0 ? &variants[0] : &variants[2];
    struct context *context, *made[2];
    struct connection *ends[2];
    struct session *session;
    unsigned char id[ID_LENGTH];
    const char *failed;
    int clients = 0, servers = 0, result;
    size_t id_length;

    if (strcmp(version, "unheard of") == 0)
        not_observable("hand-made-sessions",
                       say("the library reads none made by hand, and no handshake gives one of %s", version));
    for (context = contexts; context < contexts + contexts_used; context++)
        *(context->role == CLIENT ? &clients : &servers) += !context->freed;
    made[0] = new_context(CLIENT, variant);
    made[1] = new_context(SERVER, variant);
    /* The handshake must not put into a cache what the scenario has not added. */
    set_cache_mode(made[1], "[\"server\", \"no-internal-store\"]", SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    ends[0] = new_connection(made[0]);
    ends[1] = new_connection(made[1]);
    failed = shake_hands(ends[0], ends[1], "established");
    if (*failed)
        not_observable("hand-made-sessions", say("the handshake that should give one failed: %s", failed));
    exchange_byte(ends[0], ends[1]);
    /* A library that reads none files a session under the end that it was made at, and a server looks for a server's. */
    session = servers && !clients ? get_session(ends[1]) : received_session(ends[0]);
    if (session == NULL)
        not_observable("hand-made-sessions", "the handshake that should give one gave the client no session");
    /* Another id each time: a cache that all contexts share holds what earlier rows left there. */
    id_length = id_of(*label ? say("%d %s", row, label) : "", id);
    MADE("SSL_SESSION_set1_id", of("ss", session->name, label), result = SSL_SESSION_set1_id(session->pointer, id, (unsigned)id_length),
         number(result));
    if (lifetime < 0)
        lifetime = 0;
    MADE("SSL_SESSION_set_timeout", of("si", session->name, (int)lifetime),
         result = (int)SSL_SESSION_set_timeout(session->pointer, lifetime), number(result));
    free_connection(ends[0]);
    free_connection(ends[1]);
    free_context(made[0]);
    free_context(made[1]);
    return session;
}
#endif

/* ---- Operations --------------------------------------------------------------------------------------------------------------------- */

/* Each takes the arguments of a request, and returns what is JSON after "is". */

static const struct value *argument(const struct value *arguments, int at)
{
    const struct value *value = arguments->first;

    while (at-- > 0 && value != NULL)
        value = value->next;
    return value;
}

static const char *text_in(const struct value *arguments, int at)
{
    const struct value *value = argument(arguments, at);

    if (value == NULL || value->kind != STRING)
        broken(say("argument %d must be a string", at + 1));
    return value->text;
}

static long number_in(const struct value *arguments, int at)
{
    const struct value *value = argument(arguments, at);

    if (value == NULL || value->kind != NUMBER)
        broken(say("argument %d must be a number", at + 1));
    return value->number;
}

static struct context *context_in(const struct value *arguments, int at)
{
    const char *name = text_in(arguments, at);
    struct context *context;

    for (context = contexts; context < contexts + contexts_used; context++)
        if (!context->freed && strcmp(context->name, name) == 0)
            return context;
    broken(say("there is no context %s", name));
}

static struct connection *connection_in(const struct value *arguments, int at)
{
    const char *name = text_in(arguments, at);
    struct connection *connection;

    for (connection = connections; connection < connections + connections_used; connection++)
        if (!connection->freed && strcmp(connection->name, name) == 0)
            return connection;
    broken(say("there is no connection %s", name));
}

static struct session *session_in(const struct value *arguments, int at)
{
    const char *name = text_in(arguments, at);
    struct session *session;

    for (session = sessions; session < sessions + sessions_used; session++)
        if (strcmp(session->name, name) == 0)
            return session;
    broken(say("there is no session %s", name));
}

/* The session that is to be handed to the library, or NULL. */
static struct session *session_or_null_in(const struct value *arguments, int at)
{
    const struct value *value = argument(arguments, at);
    struct session *session;

    if (value != NULL && value->kind == NULL_VALUE)
        return NULL;
    session = session_in(arguments, at);
    alive(session);
    return session;
}

struct flag {
    const char *word;
    long bit;
};

/* Return the bits of a list of words, and the list as JSON. */
static long flags_in(const struct value *arguments, int at, const struct flag *flags, size_t count, const char **words)
{
    const struct value *list = argument(arguments, at), *word;
    const char *inside = "";
    long bits = 0;
    size_t flag;

    if (list == NULL || list->kind != LIST)
        broken(say("argument %d must be a list", at + 1));
    for (word = list->first; word != NULL; word = word->next) {
        for (flag = 0; flag < count && (word->kind != STRING || strcmp(flags[flag].word, word->text) != 0); flag++)
            continue;
        if (flag == count)
            broken(say("argument %d has a flag that there is not", at + 1));
        bits |= flags[flag].bit;
        inside = append(inside, quoted(word->text));
    }
    *words = say("[%s]", inside);
    return bits;
}

static const char *name_or_null(const struct session *session)
{
    return quoted(session ? session->name : NULL);
}

#define POINTER(session) ((session) ? (session)->pointer : NULL)
#define NAME(session) ((session) ? (session)->name : NULL)

static int decode(const struct value *text, unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned long bits = 0;
    size_t length = 0;
    int kept = 0;
    const char *at, *digit;

    if (text == NULL || text->kind != STRING)
        refuse("WorkerNotStarted", "{\"reason\": \"the settings need certificate_base64 and key_base64\"}");
    for (at = text->text; *at != '\0' && (digit = strchr(digits, *at)) != NULL; at++) {
        bits = (bits << 6 | (unsigned long)(digit - digits)) & 0xFFFFFF;
        kept += 6;
        if (kept >= 8 && length < size) {
            kept -= 8;
            bytes[length++] = (unsigned char)(bits >> kept);
        }
    }
    return (int)length;
}

/* A library that is not the one of the headers may have other structures and other numbers. */
static void check_headers(void)
{
    const char *headers = HEADERS_SAY, *says = SAYS();

    if (headers && strcmp(headers, says) != 0)
        refuse("LibraryNotLoaded", say("{\"reason\": %s}", quoted(say("it is compiled against the headers of %s and runs with %s; "
                                                                       "give it headers and library of one build", headers, says))));
}

/* Take another limit, if one is given; of less than a second the client knows alone. */
static void limit_to(const struct value *seconds)
{
    if (seconds == NULL || seconds->kind != NUMBER || seconds->number <= 0)
        return;
    limit = seconds->number % 100000;
    snprintf(limit_said, sizeof limit_said, "%ld", limit);
}

static const char *op_open(const struct value *arguments)
{
    static int open;
    const struct value *settings = arguments->first;

    if (settings == NULL || settings->kind != OBJECT)
        refuse("WorkerNotStarted", "{\"reason\": \"the first message must bring settings\"}");
    certificate_length = decode(field(settings, "certificate_base64"), certificate, sizeof certificate);
    key_length = decode(field(settings, "key_base64"), key, sizeof key);
    limit = 0;
    limit_to(field(settings, "limit"));
    check_headers();
    if (!open++) {
#if !STARTS_BY_ITSELF
        SSL_library_init();
        SSL_load_error_strings();
#endif
        look_for_destruction();
        look_for_count();
    }
    return "{\"protocol\": 1}";
}

/* ---- Files -------------------------------------------------------------------------------------------------------------------------- */

static uint32_t rotated(uint32_t word, int by)
{
    return word >> by | word << (32 - by);
}

/* SHA-256 (FIPS 180-4), of our own: the library's would have to be the right one already. */
static void digest_block(uint32_t state[8], const unsigned char *block)
{
    static const uint32_t constants[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
        0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
        0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
        0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
        0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
        0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    uint32_t words[64], now[8], one, two;
    int at;

    for (at = 0; at < 16; at++, block += 4)
        words[at] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
    for (; at < 64; at++) {
        one = rotated(words[at - 15], 7) ^ rotated(words[at - 15], 18) ^ words[at - 15] >> 3;
        two = rotated(words[at - 2], 17) ^ rotated(words[at - 2], 19) ^ words[at - 2] >> 10;
        words[at] = words[at - 16] + one + words[at - 7] + two;
    }
    memcpy(now, state, sizeof now);
    for (at = 0; at < 64; at++) {
        one = now[7] + (rotated(now[4], 6) ^ rotated(now[4], 11) ^ rotated(now[4], 25)) + ((now[4] & now[5]) ^ (~now[4] & now[6])) +
              constants[at] + words[at];
        two = (rotated(now[0], 2) ^ rotated(now[0], 13) ^ rotated(now[0], 22)) +
              ((now[0] & now[1]) ^ (now[0] & now[2]) ^ (now[1] & now[2]));
        memmove(now + 1, now, 7 * sizeof *now);
        now[4] += one;
        now[0] = one + two;
    }
    for (at = 0; at < 8; at++)
        state[at] += now[at];
}

/* Return the SHA-256 of a file in hexadecimal digits, "" for one that cannot be read. */
static const char *digest_of(const char *path)
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    unsigned char block[64];
    uint64_t bits = 0;
    const char *digits = "";
    size_t got;
    FILE *file = fopen(path, "rb");
    int at;

    if (file == NULL)
        return "";
    while ((got = fread(block, 1, sizeof block, file)) == sizeof block) {
        digest_block(state, block);
        bits += 8 * sizeof block;
    }
    fclose(file);
    bits += 8 * got;
    memset(block + got, 0, sizeof block - got);
    block[got] = 0x80;
    if (got > sizeof block - 9) { /* no room for the length */
        digest_block(state, block);
        memset(block, 0, sizeof block);
    }
    for (at = 0; at < 8; at++)
        block[63 - at] = (unsigned char)(bits >> 8 * at);
    digest_block(state, block);
    for (at = 0; at < 8; at++)
        digits = say("%s%08lx", digits, (unsigned long)state[at]);
    return digits;
}

/* Refuse a library that is loaded and was not linked. */
static void check_linked(const char *path)
{
    char **each, *real;
    int same = 0;

    for (each = linked; *each && !same; each++) {
        real = realpath(*each, NULL);
        same = real != NULL && strcmp(real, path) == 0;
        free(real);
    }
    if (!same)
        refuse("LibraryNotLoaded", say("{\"reason\": %s}", quoted(say("%s was linked and %s is loaded", *linked, path))));
}

/* Add a file to the lists of JSON: its path, and its digest by its path. */
static void add_file(const char **files, const char **digests, const char *path)
{
    *files = append(*files, quoted(path));
    if (linked)
        *digests = append(*digests, say("%s: %s", quoted(path), quoted(digest_of(path))));
}

/* Add the files of the library that are mapped: none where it is part of this program, or the system does not tell. */
static void add_mapped(const char **files, const char **digests)
{
    static const char *const names[] = {"/libssl", "/libcrypto", "/libwolfssl"};
    char mapping[1024], last[1024] = "";
    char *path, *name;
    size_t at;
    FILE *maps = fopen("/proc/self/maps", "r");

    while (maps && fgets(mapping, sizeof mapping, maps)) {
        mapping[strcspn(mapping, "\n")] = '\0';
        if ((path = strchr(mapping, '/')) == NULL || (name = strrchr(mapping, '/')) == NULL || strcmp(path, last) == 0)
            continue;
        for (at = 0; at < COUNT_OF(names); at++) {
            if (strncmp(name, names[at], strlen(names[at])) != 0)
                continue;
            if (linked)
                check_linked(path);
            add_file(files, digests, path);
        }
        strcpy(last, path);
    }
    if (maps)
        fclose(maps);
}

static const char *op_describe(const struct value *arguments)
{
    const char *says = SAYS(), *release = strstr(says, RELEASE_AFTER), *files = "", *digests = "";
    size_t length = 0;
    char **each;
    (void)arguments;

    if (release != NULL) {
        release += strlen(RELEASE_AFTER) + (*RELEASE_AFTER ? 0 : strcspn(says, "0123456789"));
        while (isalnum((unsigned char)release[length]) || (length > 0 && (release[length] == '.' || release[length] == '_')))
            length++;
        if (!isdigit((unsigned char)*release))
            length = 0;
    }
    add_mapped(&files, &digests);
    for (each = *files == '\0' ? linked : NULL; each && *each; each++)
        add_file(&files, &digests, *each);
    return say("{\"version\": %s, \"family\": \"%s\", \"release\": \"%.*s\", \"files\": [%s], \"sha256\": {%s}}", quoted(says), FAMILY,
               (int)length, release ? release : "", files, digests);
}



/* Not of the interface: the client wants another process. */
static const char *op_leave(const struct value *arguments)
{
    (void)arguments;
    leaves = 1;
    return "null";
}

static const char *op_begin(const struct value *arguments)
{
    (void)arguments;
    row++;
    contexts_used = connections_used = sessions_used = removals_used = named[CLIENT] = named[SERVER] = 0;
    holdings = 0;
    return "null";
}

/* Return the session that the application was the first to hold, of those it still holds; NULL for none. */
static struct session *first_held(void)
{
    struct session *session, *first = NULL;

    for (session = sessions; session < sessions + sessions_used; session++)
        if (session->held > 0 && !session->destroyed && (first == NULL || session->first_held < first->first_held))
            first = session;
    return first;
}

static const char *op_end(const struct value *arguments)
{
    struct connection *connection;
    struct context *context;
    struct session *session;
    (void)arguments;

    for (connection = connections; connection < connections + connections_used; connection++)
        if (!connection->freed)
            free_connection(connection);
    while ((session = first_held()) != NULL)
        release(session);
    for (context = contexts; context < contexts + contexts_used; context++)
        if (!context->freed)
            free_context(context);
    return "null";
}

static const char *op_new_context(const struct value *arguments)
{
    const char *role = text_in(arguments, 0), *variant = text_in(arguments, 1);
    size_t at;

    if (strcmp(role, roles[CLIENT]) != 0 && strcmp(role, roles[SERVER]) != 0)
        broken(say("there is no role %s", role));
    for (at = 0; at < COUNT_OF(variants); at++)
        if (strcmp(variants[at].name, variant) == 0)
            return quoted(new_context(strcmp(role, roles[CLIENT]) == 0 ? CLIENT : SERVER, &variants[at])->name);
    broken(say("there is no variant %s", variant));
}

static const char *op_stranger(const struct value *arguments)
{
    const struct context *context = context_in(arguments, 0);

    if (SHARED_CACHE)
        not_observable("own-cache", SHARED_CACHE);
    return quoted(new_context(context->role, context->variant)->name);
}

static const char *op_set_cache(const struct value *arguments)
{
    static const struct flag modes[] = {{"client", SSL_SESS_CACHE_CLIENT},
                                        {"server", SSL_SESS_CACHE_SERVER},
                                        {"no-internal-lookup", SSL_SESS_CACHE_NO_INTERNAL_LOOKUP},
                                        {"no-internal-store", SSL_SESS_CACHE_NO_INTERNAL_STORE}};
    const struct context *context = context_in(arguments, 0);
    const char *words;
    long bits = flags_in(arguments, 1, modes, COUNT_OF(modes), &words);

    set_cache_mode(context, words, bits);
    return "null";
}

static const char *op_set_cache_size(const struct value *arguments)
{
    const struct context *context = context_in(arguments, 0);
    int entries = (int)number_in(arguments, 1);

    MADE("SSL_CTX_sess_set_cache_size", of("si", context->name, entries),
         SSL_CTX_sess_set_cache_size(context->pointer, (unsigned)entries), "null");
    return "null";
}

static const char *op_watch_removals(const struct value *arguments)
{
    static const char *const reactions[] = {"counts the entries", "adds the session", "removes the session", "frees the session"};
    struct context *context = context_in(arguments, 0);
    const char *wanted = argument(arguments, 1) ? text_in(arguments, 1) : "nothing";
    size_t at;

    context->reaction = NULL;
    for (at = 0; at < COUNT_OF(reactions); at++)
        if (strcmp(wanted, reactions[at]) == 0)
            context->reaction = reactions[at];
    if (context->reaction == NULL && strcmp(wanted, "nothing") != 0)
        broken(say("there is no reaction %s", wanted));
    context->watched = 1;
    MADE("SSL_CTX_sess_set_remove_cb", of("ss", context->name, "remove_session"),
         SSL_CTX_sess_set_remove_cb(context->pointer, session_removed), "null");
    return "null";
}

/* The context whose removals are asked for, which may be gone: freeing one calls back as well. */
static const struct context *watched_in(const struct value *arguments)
{
    const char *name = text_in(arguments, 0);
    const struct context *context;

    for (context = contexts; context < contexts + contexts_used; context++)
        if (context->watched && strcmp(context->name, name) == 0)
            return context;
    broken(say("no callback watches the removals of %s", name));
}

static const char *op_removals(const struct value *arguments)
{
    const struct context *context = watched_in(arguments);
    const char *heard = "";
    size_t at;

    for (at = 0; at < removals_used; at++)
        if (removals[at].context == context)
            heard = append(heard, quoted(removals[at].session));
    return say("[%s]", heard);
}

static const char *op_reacted(const struct value *arguments)
{
    const struct context *context = watched_in(arguments);

    return context->reacted ? number(context->returned) : "null";
}

static const char *op_add_session(const struct value *arguments)
{
    const struct context *context = context_in(arguments, 0);
    const struct session *session = session_or_null_in(arguments, 1);
    int value;

    ERR_clear_error();
    MADE("SSL_CTX_add_session", of("ss", context->name, NAME(session)), value = SSL_CTX_add_session(context->pointer, POINTER(session)),
         number(value));
    return outcome(value);
}

static const char *op_remove_session(const struct value *arguments)
{
    const struct context *context = context_in(arguments, 0);
    const struct session *session = session_or_null_in(arguments, 1);
    int value;

    ERR_clear_error();
    MADE("SSL_CTX_remove_session", of("ss", context->name, NAME(session)),
         value = SSL_CTX_remove_session(context->pointer, POINTER(session)), number(value));
    return outcome(value);
}

static const char *op_entries(const struct value *arguments)
{
    const struct context *context = context_in(arguments, 0);
    long entries;

    MADE("SSL_CTX_sess_number", of("s", context->name), entries = (long)SSL_CTX_sess_number(context->pointer), number(entries));
    return number(entries);
}

static const char *op_flush(const struct value *arguments)
{
    /* Three years, within any library's limit for a timeout. */
    enum { FOREVER = 100000000 };
    const struct context *context = context_in(arguments, 0);

    MADE("SSL_CTX_flush_sessions", of("ss", context->name, "all"), SSL_CTX_flush_sessions(context->pointer, (long)time(NULL) + FOREVER),
         "null");
    return "null";
}

static const char *op_free_context(const struct value *arguments)
{
    free_context(context_in(arguments, 0));
    return "null";
}

static const char *op_new_connection(const struct value *arguments)
{
    return quoted(new_connection(context_in(arguments, 0))->name);
}

static const char *op_set_session(const struct value *arguments)
{
    const struct connection *connection = connection_in(arguments, 0);
    const struct session *session = session_or_null_in(arguments, 1);
    int value;

    ERR_clear_error();
    MADE("SSL_set_session", of("ss", connection->name, NAME(session)), value = SSL_set_session(connection->pointer, POINTER(session)),
         number(value));
    return outcome(value);
}

static const char *op_get_session(const struct value *arguments)
{
    return name_or_null(get_session(connection_in(arguments, 0)));
}

static const char *op_peek_session(const struct value *arguments)
{
    const struct connection *connection = connection_in(arguments, 0);
    SSL_SESSION *found;

    MADE(PEEK, of("s", connection->name), found = peek_at(connection->pointer), quoted(session_name(found)));
    return quoted(session_name(found));
}

static const char *op_received_session(const struct value *arguments)
{
    return name_or_null(received_session(connection_in(arguments, 0)));
}

static const char *op_handshake(const struct value *arguments)
{
    struct connection *client = connection_in(arguments, 0), *server = connection_in(arguments, 1);
    const char *failed = shake_hands(client, server, text_in(arguments, 2));

    return say("[%s, %s, %s]", truth(client->finished), truth(server->finished), quoted(failed));
}

static const char *op_exchange(const struct value *arguments)
{
    exchange_byte(connection_in(arguments, 0), connection_in(arguments, 1));
    return "null";
}

static const char *op_hang_up(const struct value *arguments)
{
    hang_up(connection_in(arguments, 0));
    return "null";
}

static const char *op_shutdown(const struct value *arguments)
{
    const struct connection *connection = connection_in(arguments, 0);
    int value;

    ERR_clear_error();
    MADE("SSL_shutdown", of("s", connection->name), value = SSL_shutdown(connection->pointer), number(value));
    return number(value);
}

static const char *op_set_shutdown(const struct value *arguments)
{
    static const struct flag flags[] = {{"sent", SSL_SENT_SHUTDOWN}, {"received", SSL_RECEIVED_SHUTDOWN}};
    const struct connection *connection = connection_in(arguments, 0);
    const char *words;
    int bits = (int)flags_in(arguments, 1, flags, COUNT_OF(flags), &words);

    MADE("SSL_set_shutdown", of("sj", connection->name, words), SSL_set_shutdown(connection->pointer, bits), "null");
    return "null";
}

static const char *op_set_quiet_shutdown(const struct value *arguments)
{
    const struct connection *connection = connection_in(arguments, 0);

    MADE("SSL_set_quiet_shutdown", of("si", connection->name, 1), SSL_set_quiet_shutdown(connection->pointer, 1), "null");
    return "null";
}

static const char *op_clear(const struct value *arguments)
{
    struct connection *connection = connection_in(arguments, 0);
    int value;

    MADE("SSL_clear", of("s", connection->name), value = SSL_clear(connection->pointer), number(value));
    part(connection);
    connection->finished = 0;
    connection->failed[0] = '\0';
    return "null";
}

static const char *op_free_connection(const struct value *arguments)
{
    free_connection(connection_in(arguments, 0));
    return "null";
}

static const char *op_reused(const struct value *arguments)
{
    const struct connection *connection = connection_in(arguments, 0);
    int value;

    MADE("SSL_session_reused", of("s", connection->name), value = (int)SSL_session_reused(connection->pointer), number(value));
    return truth(value != 0);
}

static const char *op_version(const struct value *arguments)
{
    const struct connection *connection = connection_in(arguments, 0);
    const char *version;

    MADE("SSL_get_version", of("s", connection->name), version = SSL_get_version(connection->pointer), quoted(version));
    return quoted(version);
}

static const char *op_new_session(const struct value *arguments)
{
    const char *label = text_in(arguments, 0), *version = text_in(arguments, 1);
    long age = number_in(arguments, 2), timeout = number_in(arguments, 3);
    const struct flavour *flavour = flavour_of(version);
    const char *made = say("{\"id\": %s, \"version\": %s, \"age\": %ld, \"timeout\": %ld}", quoted(label), quoted(version), age, timeout);
    SSL_SESSION *pointer;

#if !READS_DER
    (void)flavour, (void)made, (void)pointer;
    return quoted(shake_out(label, version, timeout - age)->name);
#else
    ERR_clear_error();
    MADE("d2i_SSL_SESSION", made, pointer = make_session(label, flavour, age, timeout), quoted(session_name(pointer)));
    if (pointer == NULL) {
        const char *errors = take_errors("; ");

        not_observable("hand-made-sessions", say("d2i_SSL_SESSION refuses one of %s: %s", version, *errors ? errors : "no reason"));
    }
    hold(session_at(pointer));
    return quoted(session_name(pointer));
#endif
}

static const char *op_release(const struct value *arguments)
{
    release(session_in(arguments, 0));
    return "null";
}

static const char *op_references(const struct value *arguments)
{
    const struct session *session = session_in(arguments, 0);
    const char *why = why_no_count(session), *count;

    if (why)
        not_observable("reference-count", why);
    count = number(count_of(session));
    observe(tag_index >= 0 ? "references" : "references, by one witness", of("s", session->name), count);
    return count;
}

static const char *op_destroyed(const struct value *arguments)
{
    const struct session *session = session_in(arguments, 0);

    if (tag_index < 0)
        not_observable("destruction", NO_DESTRUCTION ? NO_DESTRUCTION : "the library offers no ex_data for sessions");
    observe("destroyed", of("s", session->name), truth(session->destroyed));
    return truth(session->destroyed);
}

static const char *op_resumable(const struct value *arguments)
{
    const struct session *session = session_in(arguments, 0);
#if HAS_IS_RESUMABLE
    const SSL_SESSION *pointer = alive(session);
    int value;

    MADE("SSL_SESSION_is_resumable", of("s", session->name), value = SSL_SESSION_is_resumable(pointer), number(value));
    return truth(value != 0);
#else
    (void)session;
    not_observable("marked", "the library has no SSL_SESSION_is_resumable");
#endif
}

static const struct {
    const char *name;
    const char *(*carry_out)(const struct value *arguments);
} operations[] = {
    {"open", op_open},
    {"leave", op_leave},
    {"describe", op_describe},
    {"begin", op_begin},
    {"end", op_end},
    {"new_context", op_new_context},
    {"stranger", op_stranger},
    {"set_cache", op_set_cache},
    {"set_cache_size", op_set_cache_size},
    {"watch_removals", op_watch_removals},
    {"removals", op_removals},
    {"reacted", op_reacted},
    {"add_session", op_add_session},
    {"remove_session", op_remove_session},
    {"entries", op_entries},
    {"flush", op_flush},
    {"free_context", op_free_context},
    {"new_connection", op_new_connection},
    {"set_session", op_set_session},
    {"get_session", op_get_session},
    {"peek_session", op_peek_session},
    {"received_session", op_received_session},
    {"handshake", op_handshake},
    {"exchange", op_exchange},
    {"hang_up", op_hang_up},
    {"shutdown", op_shutdown},
    {"set_shutdown", op_set_shutdown},
    {"set_quiet_shutdown", op_set_quiet_shutdown},
    {"clear", op_clear},
    {"free_connection", op_free_connection},
    {"reused", op_reused},
    {"version", op_version},
    {"new_session", op_new_session},
    {"release", op_release},
    {"references", op_references},
    {"destroyed", op_destroyed},
    {"resumable", op_resumable},
};

/* ---- Main --------------------------------------------------------------------------------------------------------------------------- */

static const char *carry_out(char *request)
{
    static int opened;
    const struct value *message, *id, *operation, *arguments;
    const char *result;
    size_t at;

    values_used = 0;
    message = read_value(&request, 0);
    if (message == NULL || *request != '\0' || message->kind != OBJECT)
        broken("the message is no JSON object on one line, or too big");
    id = field(message, "id");
    message_id = id && id->kind == NUMBER ? (sig_atomic_t)id->number : 0;
    operation = field(message, "operation");
    arguments = field(message, "args");
    if (operation == NULL || operation->kind != STRING || arguments == NULL || arguments->kind != LIST)
        broken("the message needs an operation and args");
    for (at = 0; at < COUNT_OF(operations) && strcmp(operations[at].name, operation->text) != 0; at++)
        continue;
    if (at == COUNT_OF(operations))
        broken(say("no operation is called '%s'", operation->text));
    if (at > 0 && !opened)
        broken("the first message must be 'open'");
    limit_to(field(message, "limit"));
    set_timer(1);
    result = operations[at].carry_out(arguments);
    opened = 1;
    return result;
}

static void answer(char *request)
{
    static const char *result;

    page_used = 0;
    page_full = 0;
    events_used = 0;
    nesting = 0;
    message_id = 0;
    result = NULL;
    if (setjmp(refused) == 0)
        result = carry_out(request);
    set_timer(0);
    if (page_full) {
        events_used = 0;
        result = NULL;
        refusal = "AdapterBroken";
        refusal_with = "{\"reason\": \"the operation did more than there is room to write down\"}";
    }
    put("{\"id\": ");
    put_number(message_id);
    put(result ? ", \"is\": " : ", \"error\": \"");
    put(result ? result : refusal);
    if (result == NULL) {
        put("\", \"with\": ");
        put(refusal_with);
    }
    put(", \"events\": ");
    put_events();
    put("}\n");
    flush();
    if (leaves)
        _exit(LAST_WORDS_SAID); /* without what a library does at its end */
}

/* Wait for the client. It answers within some ten microseconds, and to wake a process takes longer: look again for a moment first. */
static void wait_for(int descriptor)
{
    enum { MOMENT = 200000 }; /* nanoseconds */
    struct pollfd watched = {0, POLLIN, 0};
    struct timespec start, now;

    if (linked)
        return; /* it takes longer than a moment from one machine to another */
    watched.fd = descriptor;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        if (poll(&watched, 1, 0) != 0)
            return;
        sched_yield();
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - start.tv_sec) * 1000000000L + now.tv_nsec - start.tv_nsec < MOMENT);
}

/* Answer messages until the input ends. */
static void serve(int requests)
{
    static char buffer[1 << 16];
    size_t used = 0;
    char *end;

    for (;;) {
        ssize_t got;

        wait_for(requests);
        got = read(requests, buffer + used, sizeof buffer - 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        used += (size_t)got;
        while ((end = memchr(buffer, '\n', used)) != NULL) {
            *end = '\0';
            answer(buffer);
            used -= (size_t)(end + 1 - buffer);
            memmove(buffer, end + 1, used);
        }
        if (used == sizeof buffer - 1)
            return; /* no request is that long */
    }
}

int main(int count, char **arguments)
{
    int requests = dup(0), nothing = open("/dev/null", O_RDONLY);

    linked = count > 1 ? arguments + 1 : NULL;
    answers = dup(1);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
    /* What a library prints or reads must not get between the messages. */
    dup2(nothing, 0);
    dup2(2, 1);
    handle_signals();
    hear_of_sanitizers();
    serve(requests);
    return 0;
}
