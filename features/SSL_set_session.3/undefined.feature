@undefined
Feature: Calls that the page of setting forbids or does not speak of

  @clause:SSL_set_session.3/two-contexts
  Rule: What happens when one session is in the caches of two contexts?

    Scenario: It is added to the second
      Given a client context with a cache
      And a server context with a cache
      And a session made by hand
      And the session is in the client's cache
      When the application adds the session to the server's cache
      Then it is noted what the call returns
      And it is noted how many references the session has
      And it is noted how many entries the client's cache holds
      And it is noted how many entries the server's cache holds

    Scenario Outline: It is removed from one of them
      Given a client context with a cache
      And a server context with a cache
      And a session made by hand
      And the session is in the client's cache
      When the application adds the session to the server's cache
      And the application removes the session from the <one>'s cache
      Then it is noted what the call returns
      And it is noted how many references the session has
      And it is noted how many entries the <other>'s cache holds

      Examples:
        | one    | other  |
        | client | server |
        | server | client |

    Scenario Outline: Both contexts are freed
      Given a client context with a cache
      And a server context with a cache
      And a session made by hand
      And the session is in the client's cache
      When the application adds the session to the server's cache
      And the application frees the <one>'s context
      And the application frees the <other>'s context
      Then it is noted how many references the session has

      Examples:
        | one    | other  |
        | client | server |
        | server | client |

  @clause:SSL_set_session.3/set-during-handshake
  Rule: What happens when a session is set while a handshake is under way?

    Scenario Outline: It is set on the client's end
      Given a client and a server that speak <protocol>
      And an old session of an earlier connection
      And a new session of an earlier connection
      And a connection on which the old session was set
      And <how far> on the connection
      When the application sets <what> on the connection
      And the handshake goes as far as it can
      Then it is noted what the call returns
      And it is noted which session was reused

      Examples:
        | protocol                 | how far                 | what            |
        | TLS 1.2 with session ids | the client has spoken   | the new session |
        | TLS 1.2 with session ids | the client has spoken   | none            |
        | TLS 1.2 with session ids | the server has answered | the new session |
        | TLS 1.2 with session ids | the server has answered | none            |
        | TLS 1.3 stateless        | the client has spoken   | the new session |
        | TLS 1.3 stateless        | the client has spoken   | none            |
        | TLS 1.3 stateless        | the server has answered | the new session |
        | TLS 1.3 stateless        | the server has answered | none            |

    Scenario Outline: It is set on the server's end
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      And a connection on which the session was set
      And the server has answered on the connection
      When the application sets <what> on the server's end of the connection
      And the handshake goes as far as it can
      Then it is noted what the call returns
      And it is noted whether the session was reused

      Examples:
        | protocol                 | what            |
        | TLS 1.2 with session ids | another session |
        | TLS 1.2 with session ids | none            |
        | TLS 1.3 stateless        | another session |
        | TLS 1.3 stateless        | none            |
