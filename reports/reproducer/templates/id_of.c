/* A session id of 32 bytes that begins with `label`. */
static const unsigned char *id_of(const char *label)
{
    static unsigned char id[32];

    memset(id, 0, sizeof id);
    memcpy(id, label, strlen(label) < sizeof id ? strlen(label) : sizeof id);
    return id;
}
