/* The session that came as number `index`, NULL when there were fewer. */
static SSL_SESSION *received(int index)
{
    return index < number_received ? sessions_received[index] : NULL;
}
