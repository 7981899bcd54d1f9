Feature: A server's cache that handshakes do not fill

  @clause:SSL_CTX_add_session.3/store-suppressed
  Rule: With no-internal-store, handshakes leave the server's cache empty

    Scenario Outline: A client connects
      Given a client and a server that speak <protocol>
      And the server's cache mode is <mode>
      When a client connects
      Then the server's cache holds 0 entries

      Examples:
        | protocol                 | mode                                                |
        | TLS 1.2 with session ids | server and no-internal-store                        |
        | TLS 1.2 with session ids | server and no-internal-store and no-internal-lookup |
        | TLS 1.3 stateful         | server and no-internal-store                        |
        | TLS 1.3 stateful         | server and no-internal-store and no-internal-lookup |

    @control
    Scenario Outline: A client connects and the flag is not set
      Given a client and a server that speak <protocol>
      And the server's cache mode is <mode>
      When a client connects
      Then the server's cache holds more entries than before

      Examples:
        | protocol                 | mode                          |
        | TLS 1.2 with session ids | server                        |
        | TLS 1.2 with session ids | server and no-internal-lookup |
        | TLS 1.3 stateful         | server                        |
        | TLS 1.3 stateful         | server and no-internal-lookup |

  @clause:SSL_CTX_add_session.3/hand-added-is-resumed
  Rule: With no-internal-store, what was added by hand is resumed

    Scenario Outline: The session is added
      Given a client and a server that speak <protocol>
      And the server's cache mode is server and no-internal-store
      And a session of an earlier connection that the server holds too
      When the application adds the server's session to the server's cache
      And the application sets the session on a new connection
      And the connection is established
      Then the session was reused at both ends

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.3 stateful         |

    @control
    Scenario Outline: The session is not added
      Given a client and a server that speak <protocol>
      And the server's cache mode is server and no-internal-store
      And a session of an earlier connection that the server holds too
      When the application sets the session on a new connection
      And the connection is established
      Then the session was reused at neither end

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.3 stateful         |

    Scenario Outline: The session is added and removed
      Given a client and a server that speak <protocol>
      And the server's cache mode is server and no-internal-store
      And a session of an earlier connection that the server holds too
      When the application adds the server's session to the server's cache
      And the application removes the server's session from the server's cache
      And the application sets the session on a new connection
      And the connection is established
      Then the session was reused at neither end

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.3 stateful         |

  @clause:SSL_CTX_add_session.3/lookup-suppressed
  Rule: With no-internal-lookup, the server's cache is not searched

    Scenario Outline: The handshake has filled the cache
      Given a client and a server that speak <protocol>
      And the server's cache mode is server and no-internal-lookup
      And a session of an earlier connection
      When the application sets the session on a new connection
      And the connection is established
      Then the session was reused at neither end

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.3 stateful         |

    @control
    Scenario Outline: The handshake has filled the cache and the flag is not set
      Given a client and a server that speak <protocol>
      And the server's cache mode is server
      And a session of an earlier connection
      When the application sets the session on a new connection
      And the connection is established
      Then the session was reused at both ends

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.3 stateful         |

    Scenario Outline: The session was added by hand and both flags are set
      Given a client and a server that speak <protocol>
      And the server's cache mode is server and no-internal-store and no-internal-lookup
      And a session of an earlier connection that the server holds too
      When the application adds the server's session to the server's cache
      And the application sets the session on a new connection
      And the connection is established
      Then the session was reused at neither end

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.3 stateful         |
