//! How a file says who calls.

use super::super::{Auth, GoogleToken};
use super::{bad, changed, good};

fn with_auth(auth: &str) -> String {
    changed(
        "    repeat: safe",
        &format!("    repeat: safe\n    auth: {auth}"),
    )
}

fn identity(audience: &str) -> Auth {
    Auth::Google(GoogleToken::Identity {
        audience: audience.into(),
    })
}

fn access(scopes: &[&str]) -> Auth {
    Auth::Google(GoogleToken::Access {
        scopes: scopes.iter().map(ToString::to_string).collect(),
    })
}

#[test]
fn each_kind_is_read_with_its_defaults() {
    let bearer = |secret: &str| Auth::Bearer {
        secret: secret.into(),
    };
    for (written, expected) in [
        ("none", Auth::None),
        ("{ bearer: KEY@5 }", bearer("KEY@5")),
        (
            "{ bearer: projects/shop/secrets/KEY/versions/5 }",
            bearer("projects/shop/secrets/KEY/versions/5"),
        ),
        (
            "{ google-identity-token: {} }",
            identity("https://crm.example.com"),
        ),
        (
            "{ google-identity-token: { audience: 1234.apps.example } }",
            identity("1234.apps.example"),
        ),
        (
            "{ google-access-token: {} }",
            access(&["https://www.googleapis.com/auth/cloud-platform"]),
        ),
        (
            "{ google-access-token: { scopes: [https://a.example/x, openid] } }",
            access(&["https://a.example/x", "openid"]),
        ),
    ] {
        let routes = good(&with_auth(written));
        let crm = routes.destination("crm").expect("declared");
        assert_eq!(crm.auth, expected, "{written}");
    }
}

#[test]
fn the_audience_that_is_not_given_is_scheme_host_and_port_of_the_url() {
    for (url, audience) in [
        ("https://crm.example.com/v1/x", "https://crm.example.com"),
        ("https://CRM.example.com:443", "https://crm.example.com"),
        ("http://10.0.0.8:8080/v1", "http://10.0.0.8:8080"),
    ] {
        let source = with_auth("{ google-identity-token: {} }");
        let routes = good(&source.replace("https://crm.example.com/api", url));
        let crm = routes.destination("crm").expect("declared");
        assert_eq!(crm.auth, identity(audience));
    }
}

#[test]
fn each_mistake_has_its_place_and_its_words() {
    for (written, expected) in [
        (
            "{ google-identity-token: {}, bearer: KEY }",
            "6:11 auth: is not exactly one kind",
        ),
        (
            "{ google-identity-token: {}, google-access-token: {} }",
            "6:11 auth: is not exactly one kind",
        ),
        (
            "{ google-identity-token: }",
            "6:11 auth: is not exactly one kind",
        ),
        (
            "{ google_identity_token: {} }",
            "6:13 unknown key 'google_identity_token' in auth",
        ),
        (
            "{ google-identity-token: { audiences: x } }",
            "6:38 unknown key 'audiences' in google-identity-token:",
        ),
        (
            "{ google-identity-token: https://crm.example.com }",
            "6:36 google-identity-token: must be a map",
        ),
        (
            "{ google-identity-token: { audience: 'a b' } }",
            "6:48 audience: 'a b' can't be one",
        ),
        (
            "{ google-identity-token: { audience: '' } }",
            "6:48 audience: '' can't be one",
        ),
        (
            "{ google-identity-token: { audience: [a] } }",
            "6:48 audience: must be a text",
        ),
        (
            "{ google-access-token: { scope: [a] } }",
            "6:36 unknown key 'scope' in google-access-token:",
        ),
        (
            "{ google-access-token: { scopes: a } }",
            "6:44 scopes: must be a list",
        ),
        (
            "{ google-access-token: { scopes: [] } }",
            "6:44 scopes: names none",
        ),
        (
            "{ google-access-token: { scopes: [a, 'b,c'] } }",
            "6:48 scopes: 'b,c' can't be one",
        ),
        (
            "{ google-access-token: { scopes: [{}] } }",
            "6:45 a scope must be a text",
        ),
        (
            "{ bearer: KEY@1@2 }",
            "6:21 bearer: this is not the name of a secret",
        ),
        (
            "{ header: X-Key, secret: projects/p/secrets/KEY }",
            "6:36 secret: this is not the name of a secret",
        ),
    ] {
        let mistakes = bad(&with_auth(written));
        assert!(
            mistakes.iter().any(|mistake| mistake == expected),
            "{expected} not in {mistakes:?}"
        );
    }
}
