@undefined
Feature: Calls that the page of adding and removing forbids or does not speak of

  @clause:SSL_CTX_add_session.3/null-session
  Rule: What happens when there is no session?

    Scenario: None is added
      Given a client context with a cache
      When the application adds none to the cache
      Then it is noted what the call returns
      And it is noted how many entries the cache holds

    Scenario: None is removed
      Given a client context with a cache
      When the application removes none from the cache
      Then it is noted what the call returns
      And it is noted how many entries the cache holds

  @clause:SSL_CTX_add_session.3/call-inside-callback
  Rule: What happens when the callback for removed sessions calls a function of the cache?

    Scenario Outline: The session is removed and the callback calls
      Given a client context with a cache
      And the application has a callback for removed sessions that <does>
      And a session made by hand
      And the session is in the cache
      When the application removes the session from the cache
      Then it is noted what the call inside the callback returns
      And it is noted which sessions the callback has heard of
      And it is noted how many entries the cache holds
      And it is noted how many references the session has

      Examples:
        | does                |
        | counts the entries  |
        | adds the session    |
        | removes the session |

    Scenario Outline: The context is freed and the callback calls
      Given a client context with a cache
      And the application has a callback for removed sessions that <does>
      And a session made by hand
      And the session is in the cache
      When the application frees the context
      Then it is noted what the call inside the callback returns
      And it is noted which sessions the callback has heard of
      And it is noted how many references the session has

      Examples:
        | does                |
        | counts the entries  |
        | adds the session    |
        | removes the session |

  @clause:SSL_CTX_add_session.3/callback-frees
  Rule: What happens when the callback for removed sessions frees the session it is given?

    Scenario: The application holds a reference too
      Given a client context with a cache
      And the application has a callback for removed sessions that frees the session
      And a session made by hand
      And the session is in the cache
      When the application removes the session from the cache
      Then it is noted what the call returns
      And it is noted how many references the session has

    Scenario: The cache holds the only reference
      Given a client context with a cache
      And the application has a callback for removed sessions that frees the session
      And a session made by hand
      And the session is in the cache
      And the application has released the session
      When the application removes the session from the cache
      Then it is noted what the call returns
      And it is noted how many entries the cache holds
