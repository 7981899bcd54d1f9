/* Finds the count in a session's memory: no function tells it, but it is the one word that goes n, n+1, n+2, n+1, n
   when references are taken and given back. */
static size_t offset_of_count(SSL_SESSION *session)
{
    size_t size = malloc_usable_size((char *)session - AHEAD) - AHEAD, at, offset = 0, found = 0;
    char *shots = malloc(5 * size);
    int i;

    for (i = 0; shots != NULL && i < 5; i++) {
        memcpy(shots + i * size, session, size);
        if (i < 2)
            SSL_SESSION_up_ref(session);
        else if (i < 4)
            SSL_SESSION_free(session);
    }
    for (at = 0; shots != NULL && at + sizeof(unsigned) <= size; at += sizeof(unsigned)) {
        unsigned n[5];
        for (i = 0; i < 5; i++)
            memcpy(&n[i], shots + i * size + at, sizeof n[i]);
        if (n[1] == n[0] + 1 && n[2] == n[0] + 2 && n[3] == n[0] + 1 && n[4] == n[0]) {
            offset = at;
            found++;
        }
    }
    free(shots);
    if (found != 1)
        cannot_set_up();
    return offset;
}

/* How many references there are to a session, 0 for one that was destroyed. */
static long references(SSL_SESSION *session)
{
    static size_t offset;
    static int found;
    unsigned count;

    if (session == NULL)
        return 0;
    if (!found++)
        offset = offset_of_count(session);
    memcpy(&count, (char *)session + offset, sizeof count);
    return (long)count;
}
