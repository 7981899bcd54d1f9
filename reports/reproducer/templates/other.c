/* For a number that is neither what is expected nor what was observed where this program was made. */
static const char *other(long seen)
{
    static char text[40];

    snprintf(text, sizeof text, "something else: %ld", seen);
    return text;
}
