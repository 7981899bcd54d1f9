Feature: When a session that was set comes back from the handshake

  @clause:SSL_set_session.3/reference-when-reused
  Rule: When does the reference go if the session was resumed?

    Scenario Outline: The server resumes the session
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      When the application sets the session on a new connection
      And the handshake goes as far as it can
      Then it is noted how many references the session has
      When data is exchanged
      Then it is noted how many references the session has
      When the connection is shut down and freed
      Then it is noted how many references the session has

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/reference-when-handshake-fails
  Rule: Is the reference given back when the handshake fails before the server has answered?

    Scenario Outline: The server hangs up
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      When the application sets the session on a new connection
      And the server hangs up before it answers
      Then it is noted how many references the session has
      When the connection is freed
      Then it is noted how many references the session has

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/reference-when-not-offered
  Rule: What becomes of a session that cannot be offered?

    Scenario Outline: The session was marked
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      And the session is in the client's cache
      And the application has removed the session from the client's cache
      When the application sets the session on a new connection
      Then it is noted what the call returns
      When the handshake goes as far as it can
      Then it is noted whether the session was reused
      And it is noted how many references the session has

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: The session has expired
      Given a client and a server that speak <protocol>
      And an expired session made by hand
      When the application sets the session on a new connection
      Then it is noted what the call returns
      When the handshake goes as far as it can
      Then it is noted whether the session was reused
      And it is noted how many references the session has

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: The session is of another protocol version
      Given a client and a server that speak <protocol>
      And a session of <other version> made by hand
      When the application sets the session on a new connection
      Then it is noted what the call returns
      When the handshake goes as far as it can
      Then it is noted whether the session was reused
      And it is noted how many references the session has

      Examples:
        | protocol                 | other version |
        | TLS 1.2 with session ids | TLSv1.3       |
        | TLS 1.2 with tickets     | TLSv1.3       |
        | TLS 1.3 stateless        | TLSv1.2       |
        | TLS 1.3 stateful         | TLSv1.2       |

  @clause:SSL_set_session.3/set-after-clear
  Rule: Is the old session released after SSL_clear?

    Scenario Outline: The connection was shut down and cleared
      Given a client and a server that speak <protocol>
      And an established connection
      And the application holds the connection's session as the old session
      And the connection was shut down
      When the application clears the connection
      Then it is noted how many references the old session has
      When the application sets another session on the connection
      Then it is noted how many references the old session has

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |
