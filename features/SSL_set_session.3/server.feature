Feature: A session set on a server's connection

  @clause:SSL_set_session.3/no-part-on-server
  Rule: It takes no part in the server's handshake

    Scenario Outline: It is set on the server's end
      Given a client and a server that speak <protocol>
      And a session of an earlier connection that the server holds too
      When the application sets the server's session on the server's end of a new connection
      And the connection is established
      Then the session was reused at neither end

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    @control
    Scenario Outline: Its twin is set on the client's end
      Given a client and a server that speak <protocol>
      And a session of an earlier connection that the server holds too
      When the application sets the session on a new connection
      And the connection is established
      Then the session was reused at both ends

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/set-on-server
  Rule: What else does the call do there?

    Scenario Outline: What it returns and counts
      Given a client and a server that speak <protocol>
      And a session of an earlier connection that the server holds too
      When the application sets the server's session on the server's end of a new connection
      Then it is noted what the call returns
      And it is noted how many references the server's session has
      When the handshake goes as far as it can
      Then it is noted whether the session was reused
      And it is noted how many references the server's session has

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: What it removes from the server's cache when the connection is open
      Given a client and a server that speak <protocol>
      And an established connection
      And the application holds the session of the server's end as the old session
      When the application sets another session on the server's end of the connection
      Then it is noted how many entries the server's cache holds
      And it is noted how many references the old session has

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.3 stateful         |
