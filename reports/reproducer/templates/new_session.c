/* The sessions that clients have received, in this order. */
static SSL_SESSION *sessions_received[32];
static int number_received;

static int new_session(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    if (number_received < (int)(sizeof sessions_received / sizeof sessions_received[0]))
        sessions_received[number_received++] = session;
    return 1; /* the reference is kept */
}
