Feature: A session that is still open leaves the cache when another takes its place

  @clause:SSL_set_session.3/open-session-leaves-cache
  Rule: The session of a connection that was not shut down leaves the cache

    Scenario Outline: The connection was left open
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection whose session is cached
      And the application holds the connection's session as the old session
      When the application sets another session on the connection
      Then the client's cache holds 1 entry fewer than before
      And the old session has 2 references fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: The session is set on another connection
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection whose session is cached
      And the application holds the connection's session as the old session
      When the application sets another session on a new connection
      Then the client's cache holds as many entries as before
      And the old session has as many references as before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/no-cache-nothing-to-remove
  Rule: Where the client keeps no cache there is nothing to remove

    Scenario Outline: The connection was left open and nothing is cached
      Given a client and a server that speak <protocol>
      And an established connection
      And the application holds the connection's session as the old session
      When the application sets another session on the connection
      Then the call returns 1
      And the client's cache holds 0 entries
      And the old session has 1 reference fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: The connection was left open and the client's cache is off
      Given a client and a server that speak <protocol>
      And the client's cache mode is off
      And an established connection
      And the application holds the connection's session as the old session
      When the application sets another session on the connection
      Then the call returns 1
      And the client's cache holds 0 entries
      And the old session has 1 reference fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/shut-down-is-not-open
  Rule: The session of a connection that was shut down stays in the cache

    Scenario Outline: SSL_shutdown was called
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection whose session is cached
      And the application holds the connection's session as the old session
      And the connection was shut down
      When the application sets another session on the connection
      Then the client's cache holds as many entries as before
      And the old session has 1 reference fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/quiet-shutdown-is-not-open
  Rule: A quiet shutdown counts as shutdown

    Scenario Outline: SSL_shutdown was called with quiet shutdown
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection whose session is cached
      And the application holds the connection's session as the old session
      And the connection was shut down quietly
      When the application sets another session on the connection
      Then the client's cache holds as many entries as before
      And the old session has 1 reference fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    @control
    Scenario Outline: Quiet shutdown was asked for and SSL_shutdown was not called
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection whose session is cached
      And the application holds the connection's session as the old session
      And quiet shutdown was asked for on the connection
      When the application sets another session on the connection
      Then the client's cache holds 1 entry fewer than before
      And the old session has 2 references fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/sent-flag-is-not-open
  Rule: The sent flag is enough for the session not to be open

    Scenario Outline: The sent flag was set by hand
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection whose session is cached
      And the application holds the connection's session as the old session
      And the sent flag was set on the connection
      When the application sets another session on the connection
      Then the client's cache holds as many entries as before
      And the old session has 1 reference fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/received-flag-is-open
  Rule: The received flag alone leaves the session open

    Scenario Outline: The received flag was set by hand
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection whose session is cached
      And the application holds the connection's session as the old session
      And the received flag was set on the connection
      When the application sets another session on the connection
      Then the client's cache holds 1 entry fewer than before
      And the old session has 2 references fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/is-set-session-open
  Rule: Is a session open that was only set and never negotiated?

    Scenario: The session is in the cache and was set on a connection
      Given a client context with a cache
      And an old session made by hand
      And the old session is in the cache
      And a connection on which the old session was set
      When the application sets another session on the connection
      Then it is noted how many entries the cache holds
      And it is noted how many references the old session has

    @undefined
    Scenario: The handshake has begun and the server has not answered
      Given a client and a server that speak TLS 1.2 with session ids
      And the client keeps a cache
      And an old session of an earlier connection
      And a connection on which the old session was set
      And the client has spoken on the connection
      When the application sets another session on the connection
      Then it is noted how many entries the client's cache holds
      And it is noted how many references the old session has

  @clause:SSL_set_session.3/uncached-open-session
  Rule: What becomes of the old session of an open connection that is in no cache?

    Scenario Outline: Is it marked?
      Given a client and a server that speak <protocol>
      And an established connection
      And the application holds the connection's session as the old session
      When the application sets another session on the connection
      Then it is noted whether the old session is marked

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: Can it still be resumed?
      Given a client and a server that speak <protocol>
      And an established connection
      And the application holds the connection's session as the old session
      When the application sets another session on the connection
      And the application sets the old session on a new connection
      And the handshake goes as far as it can
      Then it is noted whether the session was reused

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |
