/* Called when a session is removed from the cache. */
static void remove_session(SSL_CTX *ctx, SSL_SESSION *session)
{
{% if reaction %}
    static int called;
    const char *outer = doing;

    (void)ctx;
    (void)session;
    if (called++)
        return;
    doing = {{ reaction_told }};
    {{ reaction }};
    doing = outer;
{% else %}
    (void)ctx;
    (void)session;
{% endif %}
}
