/* The last call that was begun, and whether the case has come to what it is about. */
static const char *doing = "nothing";
static volatile sig_atomic_t begun;

/* A setup that leads elsewhere says nothing of the library. */
static void cannot_set_up(void)
{
    fprintf(stderr, "the case cannot be set up: %s goes otherwise here\n", doing);
    exit(2);
}

/* Prints what was seen; returns the exit status. */
static int concluded(int holds, const char *observed)
{
    printf("expected: %s\nobserved: %s\n", expected, holds ? "as expected" : observed);
    return holds ? 0 : 1;
}

static void say(const char *text)
{
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        _exit(2);
}

/* The library has ended the process, or has not come back for ten seconds. */
static void ended(int number)
{
    say(begun ? "expected: " : "the case cannot be set up: ");
    say(begun ? expected : "");
    say(begun ? "\nobserved: " : "");
    say(doing);
    say(number == SIGALRM ? " did not return within 10 s\n"
        : number == SIGABRT ? " ended the process with SIGABRT\n"
        : number == SIGBUS ? " ended the process with SIGBUS\n"
        : number == SIGFPE ? " ended the process with SIGFPE\n"
        : number == SIGILL ? " ended the process with SIGILL\n"
                           : " ended the process with SIGSEGV\n");
    _exit(begun ? 1 : 2);
}

static void begin(void)
{
    const int signals[] = {SIGABRT, SIGALRM, SIGBUS, SIGFPE, SIGILL, SIGSEGV};
    size_t i;

    for (i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], ended);
    alarm(10);
{% if initialises %}
    SSL_library_init();
    SSL_load_error_strings();
{% endif %}
}
