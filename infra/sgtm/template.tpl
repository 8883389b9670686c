___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "TAG",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Talaria",
  "categories": [
    "DATA_WAREHOUSING",
    "UTILITY",
    "CONVERSIONS"
  ],
  "brand": {
    "id": "talaria",
    "displayName": "Talaria"
  },
  "description": "Takes purchases, leads, logins and other events to Talaria, which calls your own APIs (loyalty, CRM, stock, mail) once for each and tallies them live. Succeeds only when the event is durable.",
  "containerContexts": [
    "SERVER"
  ]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "RADIO",
    "name": "transport",
    "displayName": "Send to",
    "radioItems": [
      {
        "value": "publisher",
        "displayValue": "Talaria's publisher (recommended)"
      },
      {
        "value": "pubsub",
        "displayValue": "Pub/Sub directly, for containers that can't reach the publisher"
      }
    ],
    "simpleValueType": true,
    "defaultValue": "publisher"
  },
  {
    "type": "GROUP",
    "name": "publisherGroup",
    "displayName": "Publisher",
    "groupStyle": "ZIPPY_OPEN",
    "subParams": [
      {
        "type": "TEXT",
        "name": "publisherUrl",
        "displayName": "Publisher address",
        "simpleValueType": true,
        "help": "With or without the path: /publish-event is added when it is missing.",
        "valueHint": "https://publisher-abc123-ew.a.run.app",
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          },
          {
            "type": "REGEX",
            "args": [
              "^(https?://)?[^\\s/?#]+\\S*$"
            ],
            "errorMessage": "An address, such as https://publisher.example.com"
          }
        ],
        "alwaysInSummary": true
      },
      {
        "type": "SELECT",
        "name": "auth",
        "displayName": "How the tag proves itself",
        "selectItems": [
          {
            "value": "google",
            "displayValue": "Google identity token"
          },
          {
            "value": "secret",
            "displayValue": "Shared secret in the header X-Talaria-Key"
          },
          {
            "value": "hmac",
            "displayValue": "Signature with a key file in the container (Standard Webhooks)"
          },
          {
            "value": "none",
            "displayValue": "Not at all: the network lets only this container through"
          }
        ],
        "macrosInSelect": false,
        "simpleValueType": true,
        "defaultValue": "google",
        "help": "Must be what the publisher is set to."
      },
      {
        "type": "TEXT",
        "name": "serviceAccount",
        "displayName": "Service account",
        "simpleValueType": true,
        "help": "The account the publisher lets in. The container's own account needs roles/iam.serviceAccountTokenCreator on it, even when it is the same.",
        "valueHint": "talaria-tag@my-project.iam.gserviceaccount.com",
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          }
        ],
        "enablingConditions": [
          {
            "paramName": "auth",
            "paramValue": "google",
            "type": "EQUALS"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "audience",
        "displayName": "Audience",
        "simpleValueType": true,
        "help": "Leave empty for the publisher's address without a path, which is what Cloud Run expects.",
        "enablingConditions": [
          {
            "paramName": "auth",
            "paramValue": "google",
            "type": "EQUALS"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "sharedSecret",
        "displayName": "Shared secret",
        "simpleValueType": true,
        "help": "Everybody who may read this container can read it. Take it from a variable if you can.",
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          }
        ],
        "enablingConditions": [
          {
            "paramName": "auth",
            "paramValue": "secret",
            "type": "EQUALS"
          }
        ]
      },
      {
        "type": "SELECT",
        "name": "hmacKeyId",
        "displayName": "Key in the key file",
        "selectItems": [
          {
            "value": "talaria",
            "displayValue": "talaria"
          },
          {
            "value": "talaria-next",
            "displayValue": "talaria-next, while the key is being changed"
          }
        ],
        "macrosInSelect": false,
        "simpleValueType": true,
        "defaultValue": "talaria",
        "help": "The key file is the one that the environment variable SGTM_CREDENTIALS names.",
        "enablingConditions": [
          {
            "paramName": "auth",
            "paramValue": "hmac",
            "type": "EQUALS"
          }
        ]
      }
    ],
    "enablingConditions": [
      {
        "paramName": "transport",
        "paramValue": "publisher",
        "type": "EQUALS"
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "pubsubGroup",
    "displayName": "Pub/Sub",
    "groupStyle": "ZIPPY_OPEN",
    "subParams": [
      {
        "type": "TEXT",
        "name": "topic",
        "displayName": "Topic",
        "simpleValueType": true,
        "help": "The container's own account needs roles/pubsub.publisher on it.",
        "valueHint": "projects/my-project/topics/backend-updates",
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          },
          {
            "type": "REGEX",
            "args": [
              "^projects/[^/\\s]+/topics/[^/\\s]+$"
            ],
            "errorMessage": "As projects/PROJECT/topics/TOPIC"
          }
        ],
        "alwaysInSummary": true
      }
    ],
    "enablingConditions": [
      {
        "paramName": "transport",
        "paramValue": "pubsub",
        "type": "EQUALS"
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "eventsGroup",
    "displayName": "Which events",
    "groupStyle": "ZIPPY_OPEN",
    "subParams": [
      {
        "type": "RADIO",
        "name": "events",
        "displayName": "Events",
        "radioItems": [
          {
            "value": "listed",
            "displayValue": "Only those listed here"
          },
          {
            "value": "all",
            "displayValue": "Whatever the trigger lets through"
          }
        ],
        "simpleValueType": true,
        "defaultValue": "listed"
      },
      {
        "type": "TEXT",
        "name": "eventNames",
        "displayName": "Event names",
        "simpleValueType": true,
        "help": "One a line, or with commas. Other events succeed without being sent.",
        "defaultValue": "purchase, generate_lead, user_login",
        "lineCount": 3,
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          }
        ],
        "enablingConditions": [
          {
            "paramName": "events",
            "paramValue": "listed",
            "type": "EQUALS"
          }
        ],
        "alwaysInSummary": true
      },
      {
        "type": "TEXT",
        "name": "eventType",
        "displayName": "Send them under another name",
        "simpleValueType": true,
        "help": "Empty: the event's own name."
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "dataGroup",
    "displayName": "What to send",
    "groupStyle": "ZIPPY_OPEN",
    "subParams": [
      {
        "type": "RADIO",
        "name": "dataFrom",
        "displayName": "Data",
        "radioItems": [
          {
            "value": "mapping",
            "displayValue": "What Talaria's routes expect: order, value, currency and items; a lead's source and form; a login's method"
          },
          {
            "value": "all",
            "displayValue": "All event data, within the lists below"
          },
          {
            "value": "none",
            "displayValue": "Only the fields below"
          }
        ],
        "simpleValueType": true,
        "defaultValue": "mapping"
      },
      {
        "type": "TEXT",
        "name": "allowedKeys",
        "displayName": "Only these keys",
        "simpleValueType": true,
        "help": "One a line, or with commas. Dots go deeper (user_data.email), a star at the end stands for the rest (item_*). Empty: all.",
        "lineCount": 3,
        "enablingConditions": [
          {
            "paramName": "dataFrom",
            "paramValue": "all",
            "type": "EQUALS"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "deniedKeys",
        "displayName": "Never these keys",
        "simpleValueType": true,
        "help": "Written the same way. What is denied is denied inside of what is allowed, too.",
        "defaultValue": "user_data, ip_override, user_agent, client_hints, x-*, _*",
        "lineCount": 3,
        "enablingConditions": [
          {
            "paramName": "dataFrom",
            "paramValue": "all",
            "type": "EQUALS"
          }
        ]
      },
      {
        "type": "SIMPLE_TABLE",
        "name": "fields",
        "displayName": "Fields of your own, added to the data",
        "help": "A dot in the key makes an object: loyalty.tier. A value that is empty, or not of its type, is left out and named in the log.",
        "simpleTableColumns": [
          {
            "defaultValue": "",
            "displayName": "Key",
            "name": "key",
            "type": "TEXT",
            "isUnique": true,
            "valueValidators": [
              {
                "type": "NON_EMPTY"
              }
            ]
          },
          {
            "defaultValue": "",
            "displayName": "Value",
            "name": "value",
            "type": "TEXT"
          },
          {
            "defaultValue": "any",
            "displayName": "Type",
            "name": "type",
            "type": "SELECT",
            "selectItems": [
              {
                "value": "any",
                "displayValue": "As it is"
              },
              {
                "value": "text",
                "displayValue": "Text"
              },
              {
                "value": "number",
                "displayValue": "Number"
              },
              {
                "value": "integer",
                "displayValue": "Whole number"
              },
              {
                "value": "boolean",
                "displayValue": "True or false"
              },
              {
                "value": "json",
                "displayValue": "JSON"
              }
            ]
          }
        ],
        "newRowButtonText": "Add a field"
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "identityGroup",
    "displayName": "User, event id, time",
    "groupStyle": "ZIPPY_CLOSED",
    "subParams": [
      {
        "type": "RADIO",
        "name": "userIdFrom",
        "displayName": "User id",
        "radioItems": [
          {
            "value": "event",
            "displayValue": "The event's user_id"
          },
          {
            "value": "field",
            "displayValue": "This value"
          },
          {
            "value": "none",
            "displayValue": "Send none"
          }
        ],
        "simpleValueType": true,
        "defaultValue": "event"
      },
      {
        "type": "TEXT",
        "name": "userId",
        "displayName": "Value",
        "simpleValueType": true,
        "help": "Your own id of the customer. Guests have none; it is left out then.",
        "enablingConditions": [
          {
            "paramName": "userIdFrom",
            "paramValue": "field",
            "type": "EQUALS"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "eventId",
        "displayName": "Event id",
        "simpleValueType": true,
        "help": "Empty: the event's event_id; without one, a hash of event name, client, time and transaction, the same for the same purchase whenever it comes."
      },
      {
        "type": "TEXT",
        "name": "eventTime",
        "displayName": "Event time",
        "simpleValueType": true,
        "help": "When it happened, as seconds, milliseconds or microseconds since 1970. Empty: the event's own, else now."
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "consentGroup",
    "displayName": "Consent",
    "groupStyle": "ZIPPY_CLOSED",
    "subParams": [
      {
        "type": "RADIO",
        "name": "consent",
        "displayName": "Send",
        "radioItems": [
          {
            "value": "always",
            "displayValue": "Whether or not the visitor agreed"
          },
          {
            "value": "required",
            "displayValue": "Only with the visitor's consent"
          }
        ],
        "simpleValueType": true,
        "defaultValue": "always",
        "help": "Read from consent_state, else from Google's signal x-ga-gcs. No signal is no consent."
      },
      {
        "type": "TEXT",
        "name": "consentTypes",
        "displayName": "Consent to all of",
        "simpleValueType": true,
        "help": "One a line, or with commas.",
        "defaultValue": "analytics_storage",
        "valueValidators": [
          {
            "type": "NON_EMPTY"
          }
        ],
        "enablingConditions": [
          {
            "paramName": "consent",
            "paramValue": "required",
            "type": "EQUALS"
          }
        ]
      },
      {
        "type": "CHECKBOX",
        "name": "passConsent",
        "checkboxText": "Pass the visitor's consent on with the event",
        "simpleValueType": true,
        "defaultValue": true,
        "help": "Routes can then decide by it."
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "deliveryGroup",
    "displayName": "Time and retries",
    "groupStyle": "ZIPPY_CLOSED",
    "subParams": [
      {
        "type": "TEXT",
        "name": "timeoutMs",
        "displayName": "Time for one attempt, in milliseconds",
        "simpleValueType": true,
        "defaultValue": "3000",
        "valueValidators": [
          {
            "type": "NON_NEGATIVE_NUMBER"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "budgetMs",
        "displayName": "Time for everything, in milliseconds",
        "simpleValueType": true,
        "help": "Token, attempts and waiting together.",
        "defaultValue": "5000",
        "valueValidators": [
          {
            "type": "NON_NEGATIVE_NUMBER"
          }
        ]
      },
      {
        "type": "TEXT",
        "name": "retries",
        "displayName": "Further attempts",
        "simpleValueType": true,
        "help": "After a timeout, a failed connection, or an answer of 429, 502, 503 or 504. Retry-After is obeyed; where it does not fit into the time, the tag fails.",
        "defaultValue": "1",
        "valueValidators": [
          {
            "type": "NON_NEGATIVE_NUMBER"
          }
        ]
      }
    ]
  },
  {
    "type": "GROUP",
    "name": "testGroup",
    "displayName": "Test and logging",
    "groupStyle": "ZIPPY_CLOSED",
    "subParams": [
      {
        "type": "CHECKBOX",
        "name": "testMode",
        "checkboxText": "Test mode: build the event and send nothing",
        "simpleValueType": true,
        "defaultValue": false,
        "help": "In preview, what would have been sent is logged."
      },
      {
        "type": "SELECT",
        "name": "logging",
        "displayName": "Log",
        "selectItems": [
          {
            "value": "failures",
            "displayValue": "Failures, fields that were left out, and everything in preview"
          },
          {
            "value": "preview",
            "displayValue": "Everything, in preview only"
          },
          {
            "value": "always",
            "displayValue": "Everything"
          },
          {
            "value": "off",
            "displayValue": "Nothing"
          }
        ],
        "macrosInSelect": false,
        "simpleValueType": true,
        "defaultValue": "failures",
        "help": "Names and outcomes, never a field's value."
      }
    ]
  }
]


___SANDBOXED_JS_FOR_SERVER___

// Takes one event of the container to Talaria: to its publisher, or straight to its Pub/Sub topic.
// It succeeds only when the event is known to be durable, fails honestly otherwise, in bounded time, and once.

const JSON = require('JSON');
const Math = require('Math');
const Object = require('Object');
const callLater = require('callLater');
const encodeUriComponent = require('encodeUriComponent');
const fromBase64 = require('fromBase64');
const generateRandom = require('generateRandom');
const getAllEventData = require('getAllEventData');
const getContainerVersion = require('getContainerVersion');
const getEventData = require('getEventData');
const getGoogleAuth = require('getGoogleAuth');
const getRequestHeader = require('getRequestHeader');
const getTimestampMillis = require('getTimestampMillis');
const getType = require('getType');
const hmacSha256 = require('hmacSha256');
const logToConsole = require('logToConsole');
const makeNumber = require('makeNumber');
const makeString = require('makeString');
const sendHttpRequest = require('sendHttpRequest');
const sha256Sync = require('sha256Sync');
const templateDataStorage = require('templateDataStorage');
const toBase64 = require('toBase64');

const PATH = '/publish-event';
const SCHEMA_VERSION = '1';
const LONGEST_IDENTIFIER = 256;
// The publisher takes 32 levels, the event and its data among them.
const DEEPEST = 28;
const LARGEST_INTEGER = 9007199254740991;
const SHORTEST_ATTEMPT_MS = 100;
// An identity token is renewed this long before it ends: it still has to travel, and clocks differ.
const TOKEN_MARGIN_MS = 300000;
// The sandbox has no timer, so waiting polls; more waiters at once than this would cost the container too much.
const MOST_WAITERS = 8;
// Gone before the publisher could take it, or asked to come again: the event id makes repeating harmless.
const REPEATED_STATUS = [429, 502, 503, 504];
const REPEATED_STATUS_PUBSUB = [429, 500, 502, 503, 504];
// Names that mean something to JavaScript itself.
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty'];

const ECOMMERCE = [
  ['transactionId', ['transaction_id'], 'text'],
  ['value', ['value'], 'number'],
  ['currency', ['currency'], 'text'],
  ['items', ['items'], 'any']
];
const LOGIN = [
  ['loginMethod', ['login_method', 'method'], 'text'],
  ['isFirstLogin', ['is_first_login'], 'boolean'],
  ['lastLoginTimestamp', ['last_login_timestamp'], 'any']
];
const MAPPINGS = {
  purchase: [
    ['transactionId', ['transaction_id'], 'text'],
    ['value', ['value'], 'number'],
    ['currency', ['currency'], 'text'],
    ['loyaltyTier', ['user_data.user_loyalty_tier'], 'text'],
    ['customerSegment', ['user_data.customer_segment'], 'text'],
    ['items', ['items'], 'any']
  ],
  generate_lead: [
    ['leadSource', ['source'], 'text'],
    ['leadMedium', ['medium'], 'text'],
    ['leadFormId', ['form_id'], 'text'],
    ['emailHashed', ['user_data.email_hashed_sha256', 'user_data.sha256_email_address'], 'text']
  ],
  user_login: LOGIN,
  login: LOGIN
};

const startedMs = getTimestampMillis();
const timeoutMs = wholeNumberOf(data.timeoutMs, 3000, SHORTEST_ATTEMPT_MS, 15000);
const budgetMs = wholeNumberOf(data.budgetMs, 5000, SHORTEST_ATTEMPT_MS, 30000);
const retries = wholeNumberOf(data.retries, 1, 0, 5);
const traceparent = readTraceparent();
const eventName = identifier(getEventData('event_name'));
const leftOut = [];
let event = {};
let attempts = 0;
let tokenWasCached = false;
let tokenWasRenewed = false;
let finished = false;

run();

function run() {
  // The gallery renders templates with this page; nobody bought anything there.
  const page = identifier(getEventData('page_location'));
  if (page !== undefined && page.indexOf('https://gtm-msr.appspot.com/') === 0) return succeed('skipped: a preview of the gallery');
  if (!isChosen(eventName)) return succeed('skipped: the event is not listed');
  const consent = readConsent();
  if (!isConsentGiven(consent)) return succeed('skipped: consent is not given');
  const fault = setUpFault();
  if (fault !== undefined) return fail(fault);
  event = buildEvent(consent);
  if (event.eventType === undefined) return fail('the event has no name');
  const body = JSON.stringify(event);
  if (body === undefined) return fail('the event can not be written as JSON');
  if (data.testMode) {
    if (isPreview()) logToConsole('Talaria, test mode, not sent: ' + body);
    return succeed('test mode: not sent');
  }
  attempt(body);
}

/* What happens to the event --------------------------------------------------------------------------------------- */

function attempt(body) {
  attempts = attempts + 1;
  if (data.transport === 'pubsub') return sendToTopic(body);
  if (data.auth !== 'google') return sendToPublisher(body, undefined);
  withIdentityToken(body, (token) => sendToPublisher(body, token));
}

function sendToPublisher(body, token) {
  const headers = {'Content-Type': 'application/json'};
  if (traceparent !== undefined) headers.traceparent = traceparent;
  if (data.auth === 'secret') headers['X-Talaria-Key'] = trimmed(data.sharedSecret);
  if (data.auth === 'google') headers.Authorization = 'Bearer ' + token;
  if (data.auth === 'hmac') sign(headers, body);
  request(publisherAddress(), {method: 'POST', headers: headers}, body, body, (answer) => {
    if (answer.statusCode === 202) return succeed('accepted');
    if ((answer.statusCode === 401 || answer.statusCode === 403) && tokenWasCached && !tokenWasRenewed) {
      // The service may have been set up anew since the token was minted.
      tokenWasRenewed = true;
      templateDataStorage.removeItem(tokenKey());
      return attempt(body);
    }
    repeatOrFail(body, answer, REPEATED_STATUS, 'the publisher answered ' + answer.statusCode);
  });
}

function sendToTopic(body) {
  const attributes = {
    eventType: event.eventType,
    eventId: event.eventId,
    receivedMs: makeString(startedMs),
    schemaVersion: SCHEMA_VERSION
  };
  if (traceparent !== undefined) attributes.traceparent = traceparent;
  const message = JSON.stringify({messages: [{data: toBase64(body), attributes: attributes}]});
  const options = {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    authorization: getGoogleAuth({scopes: ['https://www.googleapis.com/auth/pubsub']})
  };
  request('https://pubsub.googleapis.com/v1/' + trimmed(data.topic) + ':publish', options, message, body, (answer) => {
    if (answer.statusCode === 200) return succeed('accepted');
    repeatOrFail(body, answer, REPEATED_STATUS_PUBSUB, 'Pub/Sub answered ' + answer.statusCode);
  });
}

function request(address, options, sent, body, onAnswer) {
  const left = remainingMs();
  if (left < SHORTEST_ATTEMPT_MS) return fail('the time is up');
  options.timeout = Math.min(timeoutMs, left);
  sendHttpRequest(address, options, sent).then(onAnswer, (error) => {
    const timedOut = error && error.reason === 'timed_out';
    // After a timeout enough time has passed already.
    repeat(body, timedOut ? 0 : shortWaitMs(), timedOut ? 'no answer in time' : 'the request failed');
  });
}

function repeatOrFail(body, answer, repeated, reason) {
  if (repeated.indexOf(answer.statusCode) === -1) return fail(reason);
  repeat(body, retryAfterMs(answer.headers), reason);
}

function repeat(body, waitMs, reason) {
  if (attempts > retries) return fail(reason);
  if (waitMs === undefined || remainingMs() - waitMs < SHORTEST_ATTEMPT_MS) return fail(reason + ', and there is no time to try again');
  if (waitMs === 0) return attempt(body);
  if (!takeWaitingPlace(waitMs)) return fail(reason + ', and too many events wait already');
  waitUntil(getTimestampMillis() + waitMs, () => attempt(body));
}

function retryAfterMs(headers) {
  let value;
  Object.keys(headers || {}).forEach((name) => {
    if (name.toLowerCase() === 'retry-after') value = headers[name];
  });
  if (value === undefined) return shortWaitMs();
  // A date can't be read here; never earlier than asked means not at all then.
  const seconds = numberOf(makeString(value));
  return seconds === undefined ? undefined : Math.max(0, Math.ceil(seconds * 1000)) + generateRandom(0, 100);
}

function shortWaitMs() {
  return generateRandom(100, 300);
}

function takeWaitingPlace(waitMs) {
  const now = getTimestampMillis();
  // Places end by themselves, so a run that is cut off keeps none.
  const taken = (templateDataStorage.getItemCopy('waiting') || []).filter((untilMs) => untilMs > now);
  if (taken.length >= MOST_WAITERS) return false;
  taken.push(now + waitMs);
  templateDataStorage.setItemCopy('waiting', taken);
  return true;
}

function waitUntil(momentMs, then) {
  callLater(() => {
    if (getTimestampMillis() >= momentMs) return then();
    waitUntil(momentMs, then);
  });
}

function remainingMs() {
  return startedMs + budgetMs - getTimestampMillis();
}

function succeed(outcome) {
  finish(true, outcome);
}

function fail(reason) {
  finish(false, reason);
}

function finish(well, outcome) {
  if (finished) return;
  finished = true;
  log(well, outcome);
  if (well) data.gtmOnSuccess();
  else data.gtmOnFailure();
}

function log(well, outcome) {
  const logging = data.logging || 'failures';
  if (logging === 'off') return;
  if (logging === 'preview' && !isPreview()) return;
  if (logging === 'failures' && well && leftOut.length === 0 && !isPreview()) return;
  // No field's value is ever written here: values may be personal.
  const line = {tag: 'Talaria', outcome: well ? 'success' : 'failure', detail: outcome, eventName: eventName};
  put(line, 'eventId', event.eventId);
  line.attempts = attempts;
  line.milliseconds = getTimestampMillis() - startedMs;
  if (leftOut.length > 0) line.leftOut = leftOut;
  logToConsole(JSON.stringify(line));
}

function isPreview() {
  const version = getContainerVersion();
  return !!(version && (version.previewMode || version.debugMode));
}

/* Where to, and how it proves itself ------------------------------------------------------------------------------ */

function setUpFault() {
  if (data.transport === 'pubsub') {
    const parts = (trimmed(data.topic) || '').split('/');
    const right = parts.length === 4 && parts[0] === 'projects' && parts[2] === 'topics' && parts[1] !== '' && parts[3] !== '';
    return right ? undefined : 'set the topic as projects/PROJECT/topics/TOPIC';
  }
  if (trimmed(data.publisherUrl) === undefined) return 'set the publisher\'s address';
  if (data.auth === 'secret' && trimmed(data.sharedSecret) === undefined) return 'set the shared secret';
  if (data.auth === 'google' && trimmed(data.serviceAccount) === undefined) return 'set the service account';
  if (data.auth === 'hmac' && trimmed(data.hmacKeyId) === undefined) return 'set the key\'s id';
  return undefined;
}

function publisherAddress() {
  const address = withoutSlashes(originAndPath());
  const ending = address.substring(address.length - PATH.length);
  return ending === PATH ? address : address + PATH;
}

function originAndPath() {
  const address = trimmed(data.publisherUrl).split('#')[0].split('?')[0];
  return address.indexOf('://') === -1 ? 'https://' + address : address;
}

function withoutSlashes(address) {
  let cut = address;
  while (cut.charAt(cut.length - 1) === '/') cut = cut.substring(0, cut.length - 1);
  return cut;
}

function audience() {
  // Cloud Run's own audience is the service's address without a path.
  return trimmed(data.audience) || originAndPath().split('/').slice(0, 3).join('/');
}

function sign(headers, body) {
  const id = 'msg_' + sha256Sync(event.eventId, {outputEncoding: 'hex'});
  const seconds = makeString(Math.floor(getTimestampMillis() / 1000));
  headers['webhook-id'] = id;
  headers['webhook-timestamp'] = seconds;
  headers['webhook-signature'] = 'v1,' + hmacSha256(id + '.' + seconds + '.' + body, trimmed(data.hmacKeyId), {outputEncoding: 'base64'});
}

function tokenKey() {
  return 'token ' + trimmed(data.serviceAccount) + ' ' + audience();
}

function withIdentityToken(body, then) {
  const kept = templateDataStorage.getItemCopy(tokenKey());
  tokenWasCached = !!(kept && kept.untilMs > getTimestampMillis());
  if (tokenWasCached) return then(kept.token);
  const address = 'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/' +
      encodeUriComponent(trimmed(data.serviceAccount)) + ':generateIdToken';
  const options = {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    authorization: getGoogleAuth({scopes: ['https://www.googleapis.com/auth/cloud-platform']})
  };
  request(address, options, JSON.stringify({audience: audience(), includeEmail: true}), body, (answer) => {
    if (answer.statusCode !== 200) return repeatOrFail(body, answer, REPEATED_STATUS_PUBSUB, 'no identity token: iamcredentials answered ' + answer.statusCode);
    const token = (JSON.parse(answer.body) || {}).token;
    if (getType(token) !== 'string' || token === '') return fail('no identity token in the answer of iamcredentials');
    keepToken(token);
    then(token);
  });
}

function keepToken(token) {
  let claims = (token.split('.')[1] || '').split('-').join('+').split('_').join('/');
  while (claims.length % 4 !== 0) claims = claims + '=';
  const expiry = (JSON.parse(fromBase64(claims) || '') || {}).exp;
  // A token whose end can't be read serves this once.
  if (getType(expiry) !== 'number') return;
  templateDataStorage.setItemCopy(tokenKey(), {token: token, untilMs: expiry * 1000 - TOKEN_MARGIN_MS});
}

function readTraceparent() {
  const header = identifier(getRequestHeader('traceparent'));
  return header !== undefined && header.length === 55 && header.substring(0, 3) === '00-' ? header : undefined;
}

/* Which events, and whether the visitor agrees --------------------------------------------------------------------- */

function isChosen(name) {
  return data.events === 'all' || listOf(data.eventNames).indexOf(name) !== -1;
}

function readConsent() {
  const consent = {};
  const state = getEventData('consent_state');
  if (getType(state) === 'object') {
    Object.keys(state).forEach((type) => {
      const granted = booleanOf(state[type] === 'granted' ? true : state[type] === 'denied' ? false : state[type]);
      if (granted !== undefined && FORBIDDEN_KEYS.indexOf(type) === -1) consent[type] = granted ? 'granted' : 'denied';
    });
  }
  // Google's own signal is G1, then ad_storage, then analytics_storage.
  const signals = identifier(getEventData('x-ga-gcs'));
  if (signals !== undefined && signals.substring(0, 2) === 'G1') {
    ['ad_storage', 'analytics_storage'].forEach((type, index) => {
      const signal = signals.charAt(index + 2);
      if (consent[type] === undefined && (signal === '1' || signal === '0')) consent[type] = signal === '1' ? 'granted' : 'denied';
    });
  }
  return Object.keys(consent).length > 0 ? consent : undefined;
}

function isConsentGiven(consent) {
  if (data.consent !== 'required') return true;
  // Silence is no consent, and neither is a list that names nothing.
  const types = listOf(data.consentTypes);
  return consent !== undefined && types.length > 0 && types.every((type) => consent[type] === 'granted');
}

/* The event -------------------------------------------------------------------------------------------------------- */

function buildEvent(consent) {
  const built = {};
  const type = identifier(data.eventType) || eventName;
  const clientId = firstIdentifier(['client_id', '_event_metadata.client_id']);
  const ownTimeMs = readOwnTime();
  put(built, 'eventType', type);
  put(built, 'eventId', readEventId(type, clientId, ownTimeMs));
  put(built, 'clientId', clientId);
  put(built, 'userId', readUserId());
  put(built, 'eventTimestampMs', ownTimeMs === undefined ? startedMs : ownTimeMs);
  if (data.passConsent !== false) put(built, 'consent', consent);
  put(built, 'data', buildData());
  return built;
}

function readUserId() {
  if (data.userIdFrom === 'none') return undefined;
  if (data.userIdFrom === 'field') return identifier(data.userId);
  return firstIdentifier(['user_id', '_resolved.user_id']);
}

function readEventId(type, clientId, ownTimeMs) {
  const given = identifier(data.eventId) || firstIdentifier(['event_id', '_processed_event_id']);
  if (given !== undefined) return given.length > LONGEST_IDENTIFIER ? hashed([given]) : given;
  const transaction = identifier(getEventData('transaction_id'));
  // A purchase is the same whenever it comes; two leads, or two refunds of one order, are told apart by their time.
  const once = eventName === 'purchase' && transaction !== undefined;
  const time = once ? '' : makeString(ownTimeMs === undefined ? startedMs : ownTimeMs);
  return hashed([type || '', clientId || '', time, transaction || '']);
}

function hashed(parts) {
  return 'sgtm-' + sha256Sync(JSON.stringify(parts), {outputEncoding: 'hex'});
}

function readOwnTime() {
  return millisecondsOf(data.eventTime) || millisecondsOf(getEventData('event_timestamp_ms')) ||
      millisecondsOf(getEventData('timestamp_micros')) || millisecondsOf(getEventData('gtm.start'));
}

function millisecondsOf(value) {
  const number = numberOf(value);
  if (number === undefined || number <= 0) return undefined;
  if (number >= 100000000000000) return Math.floor(number / 1000);
  if (number < 100000000000) return Math.floor(number * 1000);
  return Math.floor(number);
}

function buildData() {
  let built = {};
  if (data.dataFrom === 'all') built = filtered(sendable(getAllEventData(), 0) || {}, '') || {};
  if (data.dataFrom === 'mapping' || !data.dataFrom) built = mapped(MAPPINGS[eventName] || ECOMMERCE);
  (data.fields || []).forEach((row) => {
    const path = identifier(row.key);
    if (path === undefined || isAbsent(row.value)) return;
    const value = converted(row.value, row.type);
    if (value === undefined || !setAt(built, path, value)) leftOut.push(path);
  });
  return built;
}

function mapped(rules) {
  const built = {};
  rules.forEach((rule) => {
    let value;
    rule[1].forEach((path) => {
      if (isAbsent(value)) value = getEventData(path);
    });
    if (isAbsent(value)) return;
    const right = converted(value, rule[2]);
    if (right === undefined) leftOut.push(rule[0]);
    put(built, rule[0], right);
  });
  return built;
}

function filtered(object, prefix) {
  const allowed = listOf(data.allowedKeys);
  const denied = listOf(data.deniedKeys);
  const kept = {};
  Object.keys(object).forEach((key) => {
    const path = prefix + key;
    if (covers(denied, path)) return;
    const whole = allowed.length === 0 || covers(allowed, path);
    if (!whole && !leadsTo(allowed, path)) return;
    // Below what is allowed something may still be denied, and below what is not something may be allowed.
    put(kept, key, filteredValue(object[key], path, whole));
  });
  return Object.keys(kept).length > 0 ? kept : undefined;
}

function filteredValue(value, path, whole) {
  const type = getType(value);
  if (type === 'object') return whole && Object.keys(value).length === 0 ? value : filtered(value, path + '.');
  if (type !== 'array') return whole ? value : undefined;
  // Elements have their list's path: items.price is the price of each item.
  return value.map((element) => filteredValue(element, path, whole)).filter((element) => element !== undefined);
}

function covers(patterns, path) {
  return patterns.some((pattern) => {
    if (pattern.charAt(pattern.length - 1) === '*') return path.indexOf(pattern.substring(0, pattern.length - 1)) === 0;
    return path === pattern || path.indexOf(pattern + '.') === 0;
  });
}

function leadsTo(patterns, path) {
  return patterns.some((pattern) => pattern.indexOf(path + '.') === 0);
}

function setAt(target, path, value) {
  const parts = path.split('.');
  if (parts.some((part) => part === '' || FORBIDDEN_KEYS.indexOf(part) !== -1)) return false;
  let place = target;
  for (let index = 0; index < parts.length - 1; index = index + 1) {
    if (place[parts[index]] === undefined) place[parts[index]] = {};
    place = place[parts[index]];
    if (getType(place) !== 'object') return false;
  }
  place[parts[parts.length - 1]] = value;
  return true;
}

/* Values: what can't be told for certain is left out, never guessed -------------------------------------------------- */

function converted(value, type) {
  if (type === 'text') return textOf(value);
  if (type === 'number') return numberOf(value);
  if (type === 'integer') return integerOf(value);
  if (type === 'boolean') return booleanOf(value);
  if (type === 'json') return sendable(getType(value) === 'string' ? JSON.parse(value) : value, 0);
  return sendable(value, 0);
}

function sendable(value, depth) {
  const type = getType(value);
  if (type === 'string' || type === 'boolean') return value;
  // NaN and the infinities are no numbers for anybody who receives them.
  if (type === 'number') return value - value === 0 ? value : undefined;
  if (depth >= DEEPEST) return undefined;
  if (type === 'array') return value.map((element) => sendable(element, depth + 1)).filter((element) => element !== undefined);
  if (type !== 'object') return undefined;
  const copy = {};
  Object.keys(value).forEach((key) => {
    if (FORBIDDEN_KEYS.indexOf(key) === -1) put(copy, key, sendable(value[key], depth + 1));
  });
  return copy;
}

function textOf(value) {
  const type = getType(value);
  if (type === 'string') return value;
  const right = sendable(value, 0);
  if (right === undefined) return undefined;
  return type === 'object' || type === 'array' ? JSON.stringify(right) : makeString(right);
}

function numberOf(value) {
  if (getType(value) === 'number') return sendable(value, 0);
  if (getType(value) !== 'string' || !isDecimal(value.trim())) return undefined;
  return sendable(makeNumber(value.trim()), 0);
}

function integerOf(value) {
  const number = numberOf(value);
  return number !== undefined && Math.floor(number) === number && Math.abs(number) <= LARGEST_INTEGER ? number : undefined;
}

function booleanOf(value) {
  const word = getType(value) === 'string' ? value.trim().toLowerCase() : value;
  if (word === true || word === 'true' || word === 1 || word === '1') return true;
  if (word === false || word === 'false' || word === 0 || word === '0') return false;
  return undefined;
}

function isDecimal(text) {
  let digits = 0;
  let points = 0;
  for (let index = 0; index < text.length; index = index + 1) {
    const character = text.charAt(index);
    const isSign = index === 0 && (character === '-' || character === '+');
    if ('0123456789'.indexOf(character) !== -1) digits = digits + 1;
    else if (character === '.') points = points + 1;
    else if (!isSign) return false;
  }
  return digits > 0 && points <= 1;
}

function isAbsent(value) {
  return value === undefined || value === null || value === '';
}

function identifier(value) {
  const type = getType(value);
  if (type !== 'string' && type !== 'number') return undefined;
  return trimmed(textOf(value));
}

function firstIdentifier(paths) {
  let found;
  paths.forEach((path) => {
    if (found === undefined) found = identifier(getEventData(path));
  });
  return found;
}

function trimmed(value) {
  if (isAbsent(value)) return undefined;
  const text = makeString(value).trim();
  return text === '' ? undefined : text;
}

function listOf(value) {
  if (isAbsent(value)) return [];
  const text = getType(value) === 'array' ? value.join(',') : makeString(value);
  return text.split('\n').join(',').split(',').map((entry) => entry.trim()).filter((entry) => entry !== '');
}

function wholeNumberOf(value, otherwise, least, most) {
  const number = integerOf(value);
  return number === undefined ? otherwise : Math.min(most, Math.max(least, number));
}

function put(object, key, value) {
  if (value !== undefined) object[key] = value;
}


___SERVER_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "send_http",
        "versionId": "1"
      },
      "param": [
        {
          "key": "allowedUrls",
          "value": {
            "type": 1,
            "string": "specific"
          }
        },
        {
          "key": "urls",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "https://*/publish-event"
              },
              {
                "type": 1,
                "string": "https://*/*/publish-event"
              },
              {
                "type": 1,
                "string": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/*"
              },
              {
                "type": 1,
                "string": "https://pubsub.googleapis.com/v1/projects/*"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "use_google_credentials",
        "versionId": "1"
      },
      "param": [
        {
          "key": "allowedScopes",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "https://www.googleapis.com/auth/cloud-platform"
              },
              {
                "type": 1,
                "string": "https://www.googleapis.com/auth/pubsub"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "use_custom_private_keys",
        "versionId": "1"
      },
      "param": [
        {
          "key": "keyIds",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "talaria"
              },
              {
                "type": 1,
                "string": "talaria-next"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "read_event_data",
        "versionId": "1"
      },
      "param": [
        {
          "key": "eventDataAccess",
          "value": {
            "type": 1,
            "string": "any"
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "read_request",
        "versionId": "1"
      },
      "param": [
        {
          "key": "headerWhitelist",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 3,
                "mapKey": [
                  {
                    "type": 1,
                    "string": "headerName"
                  }
                ],
                "mapValue": [
                  {
                    "type": 1,
                    "string": "traceparent"
                  }
                ]
              }
            ]
          }
        },
        {
          "key": "headersAllowed",
          "value": {
            "type": 8,
            "boolean": true
          }
        },
        {
          "key": "requestAccess",
          "value": {
            "type": 1,
            "string": "specific"
          }
        },
        {
          "key": "headerAccess",
          "value": {
            "type": 1,
            "string": "specific"
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "read_container_data",
        "versionId": "1"
      },
      "param": []
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "access_template_storage",
        "versionId": "1"
      },
      "param": []
    },
    "isRequired": true
  },
  {
    "instance": {
      "key": {
        "publicId": "logging",
        "versionId": "1"
      },
      "param": [
        {
          "key": "environments",
          "value": {
            "type": 1,
            "string": "all"
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: A purchase leaves as exactly these bytes, and 202 is success
  code: |-
    runCode(settings({}));
    assertThat(sent).hasLength(1);
    assertThat(sent[0].url).isEqualTo('https://publisher.example.com/publish-event');
    assertThat(sent[0].options).isEqualTo({method: 'POST', headers: {'Content-Type': 'application/json', 'X-Talaria-Key': 'a-secret-of-sixteen'}, timeout: 3000});
    assertThat(sent[0].body).isEqualTo(
        '{"eventType":"purchase","eventId":"evt-1","clientId":"1203948571.1763981200","userId":"cust-48120",' +
        '"eventTimestampMs":1764060134221,"consent":{"ad_storage":"denied","analytics_storage":"granted"},' +
        '"data":{"transactionId":"ORD-70311","value":184.5,"currency":"EUR","loyaltyTier":"gold",' +
        '"customerSegment":"returning_high_value","items":[{"item_id":"LAMP-07","price":129.5,"quantity":1}]}}');
    hasSucceeded();
- name: Any other answer is a failure, and is not tried again
  code: |-
    [200, 204, 301, 400, 401, 403, 404, 413, 415, 422, 500].forEach((statusCode) => {
      sent = [];
      answers = [{statusCode: statusCode}];
      runCode(settings({retries: '3'}));
      assertThat(sent, 'requests at ' + statusCode).hasLength(1);
    });
    hasFailed();
- name: What may pass is tried again, with the same bytes
  code: |-
    [{statusCode: 429}, {statusCode: 502}, {statusCode: 503}, {statusCode: 504}, {reason: 'timed_out'}, {reason: 'failed'}].forEach((first) => {
      sent = [];
      answers = [first, {statusCode: 202}];
      runCode(settings({}));
      assertThat(sent).hasLength(2);
      assertThat(sent[1].body).isEqualTo(sent[0].body);
    });
    hasSucceeded();
- name: After as many attempts as set the tag fails
  code: |-
    answers = [{statusCode: 503}, {statusCode: 503}, {statusCode: 202}];
    runCode(settings({}));
    assertThat(sent).hasLength(2);
    hasFailed();
- name: Retry-After is obeyed
  code: |-
    answers = [{statusCode: 503, headers: {'retry-after': '1'}, takesMs: 10}, {statusCode: 202}];
    runCode(settings({}));
    assertThat(sent).hasLength(2);
    assertThat(sent[1].atMs - sent[0].atMs, 'the wait').isGreaterThan(1009);
    hasSucceeded();
- name: A Retry-After that does not fit into the time is a failure at once
  code: |-
    answers = [{statusCode: 503, headers: {'Retry-After': '10'}}];
    runCode(settings({}));
    assertThat(sent).hasLength(1);
    hasFailed();
- name: Each attempt gets what is left of the time, and no attempt begins without
  code: |-
    answers = [{reason: 'timed_out', takesMs: 3000}, {reason: 'timed_out', takesMs: 2000}, {statusCode: 202}];
    runCode(settings({retries: '5'}));
    assertThat(sent).hasLength(2);
    assertThat(sent[0].options.timeout).isEqualTo(3000);
    assertThat(sent[1].options.timeout).isEqualTo(2000);
    hasFailed();
- name: Numbers stay numbers, what is no number is left out, and absent stays absent
  code: |-
    eventData = {event_name: 'purchase', event_id: 'evt-2', client_id: 'c', value: 'NaN', transaction_id: 90210, items: [{price: 0 / 0, quantity: 2, item_id: 'a', coupon: null}]};
    runCode(settings({}));
    assertThat(sent[0].body).isEqualTo('{"eventType":"purchase","eventId":"evt-2","clientId":"c","eventTimestampMs":1764060134221,' +
        '"data":{"transactionId":"90210","items":[{"quantity":2,"item_id":"a"}]}}');
- name: A text that is a number becomes one where a number belongs
  code: |-
    eventData = {event_name: 'purchase', event_id: 'evt-3', value: ' 74.00 ', currency: 'DKK'};
    runCode(settings({}));
    assertThat(sent[0].body).contains('"data":{"value":74,"currency":"DKK"}');
- name: Leads and logins have the data that the routes read
  code: |-
    eventData = {event_name: 'generate_lead', event_id: 'l', source: 'google', medium: 'cpc', form_id: 'demo', user_data: {email_hashed_sha256: '5d41'}};
    runCode(settings({}));
    assertThat(sent[0].body).contains('"data":{"leadSource":"google","leadMedium":"cpc","leadFormId":"demo","emailHashed":"5d41"}');
    eventData = {event_name: 'user_login', event_id: 'm', login_method: 'password', is_first_login: 'false', last_login_timestamp: 1763801200000};
    runCode(settings({}));
    assertThat(sent[1].body).contains('"data":{"loginMethod":"password","isFirstLogin":false,"lastLoginTimestamp":1763801200000}');
- name: Fields of one's own have types, and dots make objects
  code: |-
    runCode(settings({dataFrom: 'none', fields: [
      {key: 'loyalty.points', value: '12', type: 'integer'}, {key: 'loyalty.rate', value: '0.10', type: 'number'},
      {key: 'loyalty.active', value: 'true', type: 'boolean'}, {key: 'zip', value: 1010, type: 'text'},
      {key: 'parts', value: '[1,{"a":2}]', type: 'json'}, {key: 'as.it.is', value: {n: 0}, type: 'any'},
      {key: 'half', value: '1.5', type: 'integer'}, {key: 'word', value: 'many', type: 'number'}, {key: 'empty', value: '', type: 'number'},
      {key: 'zip.code', value: 'x', type: 'text'}
    ]}));
    assertThat(sent[0].body).contains('"data":{"loyalty":{"points":12,"rate":0.1,"active":true},"zip":"1010","parts":[1,{"a":2}],"as":{"it":{"is":{"n":0}}}}}');
    assertThat(JSON.parse(logged[0]).leftOut).isEqualTo(['half', 'word', 'zip.code']);
- name: All event data, within the lists
  code: |-
    eventData = {event_name: 'purchase', event_id: 'e', value: 1, 'x-ga-gcs': 'G111', user_data: {email: 'a@example.com', tier: 'gold'}, items: [{item_id: 'a', cost: 3}]};
    runCode(settings({dataFrom: 'all', allowedKeys: 'value, user_data, items.item_id', deniedKeys: 'user_data.email\nx-*'}));
    assertThat(sent[0].body).contains('"data":{"value":1,"user_data":{"tier":"gold"},"items":[{"item_id":"a"}]}}');
- name: Events that are not listed succeed without a request
  code: |-
    eventData = {event_name: 'page_view'};
    runCode(settings({}));
    assertApi('sendHttpRequest').wasNotCalled();
    hasSucceeded();
- name: Without consent nothing is sent, and silence is no consent
  code: |-
    const required = settings({consent: 'required', consentTypes: 'analytics_storage, ad_storage'});
    [{'x-ga-gcs': 'G101'}, {'x-ga-gcs': 'G1--'}, {}, {consent_state: {ad_storage: true}}, {consent_state: {ad_storage: true, analytics_storage: false}}].forEach((signals) => {
      eventData = {event_name: 'purchase', 'x-ga-gcs': signals['x-ga-gcs'], consent_state: signals.consent_state};
      runCode(required);
    });
    assertApi('sendHttpRequest').wasNotCalled();
    eventData = {event_name: 'purchase', event_id: 'e', consent_state: {ad_storage: true, analytics_storage: 'granted'}};
    runCode(required);
    assertThat(sent[0].body).contains('"consent":{"ad_storage":"granted","analytics_storage":"granted"}');
    hasSucceeded();
- name: The same purchase has the same id, whenever it comes, and another one another
  code: |-
    const idOf = (name, transaction, atMs) => {
      eventData = {event_name: name, client_id: 'c', transaction_id: transaction, event_timestamp_ms: atMs};
      runCode(settings({}));
      return JSON.parse(sent[sent.length - 1].body).eventId;
    };
    const id = idOf('purchase', 'ORD-1', 1764060134221);
    assertThat(id).hasLength(69);
    nowMs = nowMs + 86400000;
    assertThat(idOf('purchase', 'ORD-1', 1764060999999)).isEqualTo(id);
    assertThat(idOf('purchase', 'ORD-2', 1764060134221)).isNotEqualTo(id);
    const lead = idOf('generate_lead', undefined, 1764060134221);
    assertThat(idOf('generate_lead', undefined, 1764060134221)).isEqualTo(lead);
    assertThat(idOf('generate_lead', undefined, 1764060134222)).isNotEqualTo(lead);
- name: An identity token is minted once and kept until shortly before it ends
  code: |-
    const google = settings({auth: 'google', serviceAccount: 'tag@p.iam.gserviceaccount.com', publisherUrl: 'https://publisher.example.com/publish-event/'});
    answers = [{statusCode: 200, body: minted}, {statusCode: 202}, {statusCode: 202}, {statusCode: 200, body: minted}, {statusCode: 202}];
    runCode(google);
    assertThat(sent[0].url).isEqualTo('https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/tag%40p.iam.gserviceaccount.com:generateIdToken');
    assertThat(sent[0].body).isEqualTo('{"audience":"https://publisher.example.com","includeEmail":true}');
    assertThat(sent[1].url).isEqualTo('https://publisher.example.com/publish-event');
    assertThat(sent[1].options.headers.Authorization).isEqualTo('Bearer ' + token);
    runCode(google);
    assertThat(sent).hasLength(3);
    nowMs = tokenEndsMs - 300000;
    runCode(google);
    assertThat(sent).hasLength(5);
    hasSucceeded();
- name: Without a token nothing is sent to the publisher
  code: |-
    answers = [{statusCode: 403}];
    runCode(settings({auth: 'google', serviceAccount: 'tag@p.iam.gserviceaccount.com'}));
    assertThat(sent).hasLength(1);
    hasFailed();
- name: A signature covers id, time and body
  code: |-
    runCode(settings({auth: 'hmac', hmacKeyId: 'talaria'}));
    const headers = sent[0].options.headers;
    assertThat(headers['webhook-timestamp']).isEqualTo('1764060134');
    assertThat(headers['webhook-id']).hasLength(68);
    assertThat(headers['webhook-signature']).isEqualTo('v1,signed');
    assertApi('hmacSha256').wasCalledWith(headers['webhook-id'] + '.1764060134.' + sent[0].body, 'talaria', {outputEncoding: 'base64'});
- name: Straight to Pub/Sub, with attributes, and 200 is success
  code: |-
    answers = [{statusCode: 200}];
    runCode(settings({transport: 'pubsub', topic: 'projects/p/topics/backend-updates'}));
    assertThat(sent[0].url).isEqualTo('https://pubsub.googleapis.com/v1/projects/p/topics/backend-updates:publish');
    const message = JSON.parse(sent[0].body).messages[0];
    assertThat(message.attributes).isEqualTo({eventType: 'purchase', eventId: 'evt-1', receivedMs: '1764060134221', schemaVersion: '1'});
    assertThat(fromBase64(message.data)).contains('{"eventType":"purchase","eventId":"evt-1",');
    assertApi('getGoogleAuth').wasCalledWith({scopes: ['https://www.googleapis.com/auth/pubsub']});
    hasSucceeded();
- name: From Pub/Sub anything but 200 is a failure
  code: |-
    answers = [{statusCode: 202}];
    runCode(settings({transport: 'pubsub', topic: 'projects/p/topics/backend-updates'}));
    hasFailed();
- name: Test mode sends nothing, and shows the event in preview alone
  code: |-
    runCode(settings({testMode: true}));
    assertThat(logged).hasLength(0);
    preview = true;
    runCode(settings({testMode: true}));
    assertApi('sendHttpRequest').wasNotCalled();
    assertThat(logged[0]).contains('{"eventType":"purchase"');
    hasSucceeded();
- name: Failures are logged without any value of the event
  code: |-
    answers = [{statusCode: 422, body: 'cust-48120'}];
    runCode(settings({}));
    assertThat(logged).hasLength(1);
    assertThat(JSON.parse(logged[0]).detail).isEqualTo('the publisher answered 422');
    ['cust-48120', 'ORD-70311', '184.5', 'a-secret', '1203948571'].forEach((value) => assertThat(logged[0]).doesNotContain(value));
- name: What is not set up fails and says what to set
  code: |-
    [{publisherUrl: ' '}, {sharedSecret: ''}, {auth: 'google'}, {auth: 'hmac'}, {transport: 'pubsub', topic: 'backend-updates'}].forEach((fault) => runCode(settings(fault)));
    assertApi('sendHttpRequest').wasNotCalled();
    hasFailed();
    logged.forEach((line) => assertThat(JSON.parse(line).detail).contains('set the '));
setup: |-
  const JSON = require('JSON');
  const Object = require('Object');
  const fromBase64 = require('fromBase64');
  const toBase64 = require('toBase64');

  // Requests as they left; the answers that they get, in turn.
  let sent = [];
  let answers = [];
  let logged = [];
  let preview = false;
  let nowMs = 1764060134221;
  const kept = {};
  const tokenEndsMs = 1764063734000;
  const token = 'e30.' + toBase64('{"exp":1764063734}') + '.c2ln';
  const minted = JSON.stringify({token: token});

  let eventData = {
    event_name: 'purchase', event_id: 'evt-1', client_id: '1203948571.1763981200', user_id: 'cust-48120', 'x-ga-gcs': 'G101',
    transaction_id: 'ORD-70311', value: 184.5, currency: 'EUR', user_data: {user_loyalty_tier: 'gold', customer_segment: 'returning_high_value'},
    items: [{item_id: 'LAMP-07', price: 129.5, quantity: 1}]
  };

  const settings = (changes) => {
    const all = {
      transport: 'publisher', publisherUrl: 'https://publisher.example.com', auth: 'secret', sharedSecret: ' a-secret-of-sixteen\n',
      events: 'listed', eventNames: 'purchase, generate_lead, user_login', dataFrom: 'mapping', userIdFrom: 'event', consent: 'always',
      passConsent: true, timeoutMs: '3000', budgetMs: '5000', retries: '1', testMode: false, logging: 'failures'
    };
    Object.keys(changes).forEach((name) => { all[name] = changes[name]; });
    return all;
  };

  const hasSucceeded = () => {
    assertApi('gtmOnSuccess').wasCalled();
    assertApi('gtmOnFailure').wasNotCalled();
  };
  const hasFailed = () => {
    assertApi('gtmOnFailure').wasCalled();
    assertApi('gtmOnSuccess').wasNotCalled();
  };

  mock('getTimestampMillis', () => nowMs);
  mock('getAllEventData', () => eventData);
  mock('getEventData', (path) => {
    let value = eventData;
    path.split('.').forEach((part) => { value = value === undefined || value === null ? undefined : value[part]; });
    return value;
  });
  mock('getRequestHeader', () => undefined);
  mock('getContainerVersion', () => { return {previewMode: preview, debugMode: preview}; });
  mock('generateRandom', (least) => least);
  mock('getGoogleAuth', {});
  mock('hmacSha256', 'signed');
  mock('logToConsole', (line) => { logged.push(line); });
  mock('callLater', (call) => {
    nowMs = nowMs + 50;
    call();
  });
  mockObject('templateDataStorage', {
    getItemCopy: (key) => kept[key] === undefined ? null : kept[key],
    setItemCopy: (key, value) => { kept[key] = value; },
    removeItem: (key) => { kept[key] = undefined; }
  });
  // Answers at once, so that a scenario can look right after runCode.
  mock('sendHttpRequest', (url, options, body) => {
    const answer = answers[sent.length] || {statusCode: 202};
    sent.push({url: url, options: {method: options.method, headers: options.headers, timeout: options.timeout}, body: body, atMs: nowMs});
    nowMs = nowMs + (answer.takesMs || 10);
    return {
      then: (onAnswer, onError) => {
        if (answer.reason) onError({reason: answer.reason});
        else onAnswer({statusCode: answer.statusCode, headers: answer.headers || {}, body: answer.body || ''});
      }
    };
  });


___NOTES___

Its tests run in the template editor, and outside of it with Node.js 20: node tests/run.mjs
