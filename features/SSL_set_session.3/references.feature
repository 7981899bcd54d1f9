Feature: Setting a session counts its references

  @clause:SSL_set_session.3/reference-added
  Rule: Setting a session takes one more reference

    Scenario Outline: A session of an earlier connection is set
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      When the application sets the session on a new connection
      Then the session has 1 reference more than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    @control
    Scenario: A connection is made and no session is set on it
      Given a client context
      And a session made by hand
      When the application makes a new connection
      Then the session has as many references as before

    Scenario: The session is set on two connections
      Given a client context
      And a session made by hand
      When the application sets the session on a new connection
      And the application sets the session on a new connection
      Then the session has 2 references more than before

    Scenario: The application releases its own reference afterwards
      Given a client context
      And a session made by hand
      When the application sets the session on a new connection
      And the application releases the session
      Then the session is not destroyed

    @control
    Scenario: The application releases its only reference
      Given a client context
      And a session made by hand
      When the application releases the session
      Then the session is destroyed

  @clause:SSL_set_session.3/reference-given-back
  Rule: The reference is given back during the handshake when the session is not resumed

    Scenario Outline: The server has forgotten the session
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      And the server has forgotten its sessions
      When the application sets the session on a new connection
      And the connection is established
      Then the session was reused at neither end
      And the session has as many references as before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    @control
    Scenario Outline: The handshake has only begun
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      And the server has forgotten its sessions
      When the application sets the session on a new connection
      And the client has spoken
      Then the session has 1 reference more than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/set-session-released
  Rule: A session that was set earlier is released when another is set

    Scenario: Another session is set
      Given a client context
      And an old session made by hand
      And a new session made by hand
      And a connection on which the old session was set
      When the application sets the new session on the connection
      Then the old session has 1 reference fewer than before
      And the new session has 1 reference more than before

    Scenario: Another session is set on another connection
      Given a client context
      And an old session made by hand
      And a new session made by hand
      And a connection on which the old session was set
      When the application sets the new session on a new connection
      Then the old session has as many references as before

    Scenario: The connection held the last reference
      Given a client context
      And an old session made by hand
      And a new session made by hand
      And a connection on which the old session was set
      And the application has released the old session
      When the application sets the new session on the connection
      Then the old session is destroyed

    Scenario: The connection holds the last reference and nothing is set
      Given a client context
      And an old session made by hand
      And a new session made by hand
      And a connection on which the old session was set
      And the application has released the old session
      When the application sets the new session on a new connection
      Then the old session is not destroyed

  @clause:SSL_set_session.3/used-session-released
  Rule: The session of the connection's own handshake is released when another is set

    Scenario Outline: The connection was shut down
      Given a client and a server that speak <protocol>
      And an established connection
      And the application holds the connection's session as the old session
      And the connection was shut down
      And a new session made by hand
      When the application sets the new session on the connection
      Then the old session has 1 reference fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: The session is set on another connection
      Given a client and a server that speak <protocol>
      And an established connection
      And the application holds the connection's session as the old session
      And the connection was shut down
      And a new session made by hand
      When the application sets the new session on a new connection
      Then the old session has as many references as before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: The connection resumed the session
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      When the application sets the session on a new connection
      And the connection is established
      And the application sets another session on the connection
      Then the session has as many references as before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/same-session-again
  Rule: Setting the session that is already set changes nothing

    Scenario: The application holds a reference too
      Given a client context
      And a session made by hand
      And a connection on which the session was set
      When the application sets the session on the connection
      Then the call returns 1
      And the session has as many references as before

    Scenario: The connection holds the last reference
      Given a client context
      And a session made by hand
      And a connection on which the session was set
      And the application has released the session
      When the application sets the session on the connection
      Then the session is not destroyed

    @control
    Scenario: The connection holds the last reference and another session is set
      Given a client context
      And a session made by hand
      And a connection on which the session was set
      And the application has released the session
      And a new session made by hand
      When the application sets the new session on the connection
      Then the session is destroyed
