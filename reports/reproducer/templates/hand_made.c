static unsigned char *put(unsigned char *at, int tag, const void *content, size_t size)
{
    *at++ = (unsigned char)tag;
    if (size > 127)
        *at++ = 0x81;
    *at++ = (unsigned char)size;
    memcpy(at, content, size);
    return at + size;
}

static unsigned char *put_number(unsigned char *at, int tag, long long number)
{
    unsigned char integer[10] = {0x02, 8}; /* INTEGER of eight bytes, shortened below as DER wants it */
    int i, skip = 0;

    for (i = 0; i < 8; i++)
        integer[2 + i] = (unsigned char)(number >> (8 * (7 - i)));
    while (skip < 7 && integer[2 + skip] == 0 && integer[3 + skip] < 0x80)
        skip++;
    memmove(integer + 2, integer + 2 + skip, (size_t)(8 - skip));
    integer[1] = (unsigned char)(8 - skip);
    if (tag == 0x02)
        return put(at, tag, integer + 2, integer[1]);
    return put(at, tag, integer, integer[1] + 2u);
}

/* A session that no handshake gave, as d2i_SSL_SESSION reads it; "" for one without an id; age and timeout in seconds. */
static SSL_SESSION *hand_made(const char *label, int version, long age, long timeout)
{
    static const unsigned char secret[48];
    const int tls13 = version == TLS1_3_VERSION;
    const unsigned char cipher[2] = {tls13 ? 0x13 : 0xc0, tls13 ? 0x01 : 0x2b};
    const size_t length = label[0] ? 32 : 0;
    unsigned char body[250], all[256], ticket[40], *at = body;
    const unsigned char *der = all;

    at = put_number(at, 0x02, 1);
    at = put_number(at, 0x02, version);
    at = put(at, 0x04, cipher, sizeof cipher);
    at = put(at, 0x04, id_of(label), length);
    at = put(at, 0x04, secret, tls13 ? 32 : 48);
    at = put_number(at, 0xa1, (long long)time(NULL) - age);
    at = put_number(at, 0xa2, timeout);
    at = put(at, 0xa4, "\x04", 2); /* the context of its id: none */
    if (tls13 && length) /* sessions of TLS 1.3 come in tickets */
        at = put(at, 0xaa, ticket, (size_t)(put(ticket, 0x04, id_of(label), length) - ticket));
    at = put(all, 0x30, body, (size_t)(at - body));
    return d2i_SSL_SESSION(NULL, &der, at - all);
}
