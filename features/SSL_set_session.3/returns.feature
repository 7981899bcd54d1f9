Feature: What SSL_set_session returns

  @clause:SSL_set_session.3/succeeds-with-1
  Rule: Success is told by 1

    Scenario Outline: A session of an earlier connection is set
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      When the application sets the session on a new connection
      Then the call returns 1

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario: Another session takes its place
      Given a client context
      And an old session made by hand
      And a new session made by hand
      And a connection on which the old session was set
      When the application sets the new session on the connection
      Then the call returns 1

  @clause:SSL_set_session.3/returns-0-or-1
  Rule: The call returns 0 or 1

    Scenario: A session is set
      Given a client context
      And a session made by hand
      When the application sets the session on a new connection
      Then the call returns 0 or 1

    Scenario: A session of a protocol version that nobody knows is set
      Given a client context
      And a session of a protocol version that nobody knows
      When the application sets the session on a new connection
      Then the call returns 0 or 1

  @clause:SSL_set_session.3/failure-has-reason
  Rule: After a failure the error stack holds a reason

    Scenario: The call is made to fail
      Given a client context
      And a session of a protocol version that nobody knows
      When the application sets the session on a new connection
      Then the call fails and the error stack holds a reason

  @clause:SSL_set_session.3/error-stack-after-success
  Rule: Does success leave the error stack empty?

    Scenario: A session is set on a new connection
      Given a client context
      And a session made by hand
      When the application sets the session on a new connection
      Then it is noted what the call returns
      And it is noted whether the error stack is empty

    Scenario Outline: Another session is set on an open connection
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection
      When the application sets another session on the connection
      Then it is noted what the call returns
      And it is noted whether the error stack is empty

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/other-version
  Rule: What does the call return for a session of another protocol version?

    Scenario Outline: The connection speaks only one version and the session is of another
      Given a client and a server that speak <protocol>
      And a session of <other version> made by hand
      When the application sets the session on a new connection
      Then it is noted what the call returns
      And it is noted how many references the session has

      Examples:
        | protocol                 | other version |
        | TLS 1.2 with session ids | TLSv1.3       |
        | TLS 1.3 stateless        | TLSv1.2       |

    Scenario: Nobody knows the version
      Given a client context
      And a session of a protocol version that nobody knows
      When the application sets the session on a new connection
      Then it is noted what the call returns
      And it is noted how many references the session has

  @clause:SSL_set_session.3/set-none
  Rule: May none be set?

    Scenario: A session was set before
      Given a client context
      And a session made by hand
      And a connection on which the session was set
      When the application sets none on the connection
      Then it is noted what the call returns
      And it is noted how many references the session has

    Scenario: Nothing was set before
      Given a client context
      And a session made by hand
      When the application makes a new connection
      And the application sets none on the connection
      Then it is noted what the call returns

    Scenario Outline: The connection was left open
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection
      And the application holds the connection's session as the old session
      When the application sets none on the connection
      Then it is noted what the call returns
      And it is noted how many entries the client's cache holds

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |
