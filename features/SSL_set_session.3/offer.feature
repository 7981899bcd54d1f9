Feature: The session that is set is offered in the handshake

  @clause:SSL_set_session.3/offered-in-handshake
  Rule: The session set last is the one that the next handshake offers

    Scenario Outline: A session is set
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      When the application sets the session on a new connection
      And the connection is established
      Then the session was reused at both ends

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    @control
    Scenario Outline: No session is set
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      When the application makes a new connection
      And the connection is established
      Then the session was reused at neither end

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: Of two sessions the one that the server knows is set last
      Given a client and a server that speak <protocol>
      And an old session of an earlier connection
      And the server has forgotten its sessions
      And a new session of an earlier connection
      When the application sets the old session on a new connection
      And the application sets the new session on the connection
      And the connection is established
      Then the session was reused at both ends

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: Of two sessions the one that the server has forgotten is set last
      Given a client and a server that speak <protocol>
      And an old session of an earlier connection
      And the server has forgotten its sessions
      And a new session of an earlier connection
      When the application sets the new session on a new connection
      And the application sets the old session on the connection
      And the connection is established
      Then the session was reused at neither end

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/reuse-can-be-asked
  Rule: Whether the session was resumed can be asked at both ends

    Scenario Outline: The server resumes the session
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      When the application sets the session on a new connection
      And the connection is established
      Then the client says that the session was reused
      And the server says that the session was reused

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: The server has forgotten the session
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      And the server has forgotten its sessions
      When the application sets the session on a new connection
      And the connection is established
      Then the client says that the session was not reused
      And the server says that the session was not reused

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

  @clause:SSL_set_session.3/connections-may-share
  Rule: Several connections of one context may use one session

    Scenario Outline: One after the other
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      When the application sets the session on a new connection
      And the connection is established
      And the connection is shut down and freed
      And the application sets the session on a new connection
      And the connection is established
      Then the session was reused at both ends

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: One after the other, and the client has stopped caching
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      And the client's cache mode is off
      When the application sets the session on a new connection
      And the connection is established
      And the connection is shut down and freed
      And the application sets the session on a new connection
      And the connection is established
      Then the session was reused at both ends

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    Scenario Outline: At the same time
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      When the application sets the session on two new connections
      And both handshakes go on at the same time
      Then the session was reused on both connections

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |

    @control
    Scenario Outline: At the same time, with a server that has forgotten the session
      Given a client and a server that speak <protocol>
      And a session of an earlier connection
      And the server has forgotten its sessions
      When the application sets the session on two new connections
      And both handshakes go on at the same time
      Then the session was reused on neither connection

      Examples:
        | protocol                 |
        | TLS 1.2 with session ids |
        | TLS 1.2 with tickets     |
        | TLS 1.3 stateless        |
        | TLS 1.3 stateful         |
