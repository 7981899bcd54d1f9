/* This release has none: a connection that holds the session gives a reference to it. */
static int SSL_SESSION_up_ref(SSL_SESSION *session)
{
    SSL_CTX *ctx = SSL_CTX_new({{ method }}());
    SSL *holder = SSL_new(ctx);
    int taken = SSL_set_session(holder, session) == 1 && SSL_get1_session(holder) == session;

    SSL_free(holder);
    SSL_CTX_free(ctx);
    return taken;
}
