Feature: Setting none releases the session that was there

  @clause:SSL_set_session.3/none-releases
  Rule: The session that was set or used before is released, once

    Scenario: A session was set before and none is set
      Given a client context
      And an old session made by hand
      And a connection on which the old session was set
      When the application sets none on the connection
      Then the call returns 1
      And the old session has 1 reference fewer than before

    Scenario: The connection held the last reference and none is set
      Given a client context
      And an old session made by hand
      And a connection on which the old session was set
      And the application has released the old session
      When the application sets none on the connection
      Then the old session is destroyed

    Scenario: None is set on another connection
      Given a client context
      And an old session made by hand
      And a connection on which the old session was set
      When the application sets none on a new connection
      Then the call returns 1
      And the old session has as many references as before

    Scenario Outline: The connection was shut down and none is set
      Given a client and a server that speak <protocol>
      And an established connection
      And the application holds the connection's session as the old session
      And the connection was shut down
      When the application sets none on the connection
      Then the call returns 1
      And the old session has 1 reference fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/none-removes-open
  Rule: The session of a connection that was not shut down leaves the cache

    Scenario Outline: The connection was left open and none is set
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection whose session is cached
      And the application holds the connection's session as the old session
      When the application sets none on the connection
      Then the client's cache holds 1 entry fewer than before
      And the old session has 2 references fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    @control
    Scenario Outline: The connection was shut down and none is set, with a cache
      Given a client and a server that speak <protocol>
      And the client keeps a cache
      And an established connection whose session is cached
      And the application holds the connection's session as the old session
      And the connection was shut down
      When the application sets none on the connection
      Then the client's cache holds as many entries as before
      And the old session has 1 reference fewer than before

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |
