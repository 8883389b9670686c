//! What a right file says.

use std::time::Duration;

use super::super::{
    AnswerClass, Auth, Limits, Method, Mode, Rate, Repeat, RoutesHandle, StatusPattern, load,
    routes_schema,
};
use super::{SMALL, changed, environment, good};

const FULL: &str = r#"
destinations:
  crm:
    url: ${CRM_API_URL}
    auth: { bearer: CRM_API_KEY }
    repeat: unsafe
    timeout: 1m 30s
    limits:
      concurrency: ${CALLS}
      rate: 6000/m
    headers:
      X-Shop: ${ODD}
      X-Version: 1.10
    responses:
      - { status: [409, 5xx], header: { X-Reason: again }, body: duplicate, is: done }
      - { status: 404, is: retry }
    give_up_after: 24h
    filter: attributes.eventType = "purchase"
  erp:
    url: http://[::1]:9000
    auth: { header: X-API-KEY, secret: ERP_KEY }
    repeat: safe
routes:
  - name: stock
    was: [first-name, second-name]
    when: true
    each: { in: event.data.items, as: line, key: line.item_id }
    to: erp
    method: PATCH
    path: '"/stock/" + line.item_id'
    query: { user: event.userId, page: 2 }
    headers: { X-Line: string(line.quantity) }
    max_age: 2d
    mode: shadow
  - { name: crm-all, when: has(event.userId), to: crm, body: event.data }
"#;

#[test]
fn a_file_is_read_whole() {
    let routes = good(FULL);
    let crm = routes.destination("crm").expect("declared");
    assert_eq!(crm.url.as_str(), "https://crm.example.com/v1/");
    assert_eq!(
        crm.auth,
        Auth::Bearer {
            secret: "CRM_API_KEY".into()
        }
    );
    assert_eq!(
        (crm.repeat, crm.timeout),
        (Repeat::Unsafe, Duration::from_secs(90))
    );
    assert_eq!(
        crm.limits,
        Limits {
            concurrency: 7,
            rate: Some(Rate {
                calls: 6000,
                per: Duration::from_secs(60)
            })
        }
    );
    assert_eq!(crm.headers["X-Shop"], "a: b # c \"d\"");
    assert_eq!(crm.headers["X-Version"], "1.10");
    assert_eq!(
        crm.responses[0].statuses,
        [StatusPattern::Code(409), StatusPattern::Hundred(5)]
    );
    assert_eq!(crm.give_up_after, Duration::from_secs(86_400));
    assert_eq!(
        crm.filter.as_deref(),
        Some("attributes.eventType = \"purchase\"")
    );
    assert!(!crm.is_loopback);
    let erp = routes.destination("erp").expect("declared");
    assert_eq!(
        erp.auth,
        Auth::Header {
            name: "X-API-KEY".into(),
            secret: "ERP_KEY".into()
        }
    );
    assert!(erp.is_loopback);
    let stock = routes
        .route("first-name")
        .expect("an old name leads to the route");
    assert_eq!(
        (stock.name.as_str(), stock.key_name()),
        ("stock", "first-name")
    );
    assert_eq!((stock.method, stock.mode), (Method::Patch, Mode::Shadow));
    assert_eq!(
        stock.each.as_ref().map(|each| each.element.as_str()),
        Some("line")
    );
    assert_eq!(stock.max_age, Duration::from_secs(172_800));
    assert_eq!(
        stock
            .query
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        ["user", "page"]
    );
    assert_eq!(routes.routes()[1].destination.id, "crm");
    assert!(routes.warnings().is_empty());
}

#[test]
fn what_is_not_said_has_a_default() {
    let routes = good(SMALL);
    let (crm, route) = (
        routes.destination("crm").expect("declared"),
        &routes.routes()[0],
    );
    assert_eq!(
        (&crm.auth, crm.timeout),
        (&Auth::None, Duration::from_secs(5))
    );
    assert_eq!(
        crm.limits,
        Limits {
            concurrency: 32,
            rate: None
        }
    );
    assert_eq!(crm.give_up_after, Duration::from_secs(7 * 86_400));
    assert_eq!(
        (route.method, route.mode, route.key_name()),
        (Method::Post, Mode::Live, "purchase-crm")
    );
    assert_eq!(route.max_age, Duration::from_secs(7 * 86_400));
}

#[test]
fn an_address_keeps_the_prefix_and_the_encoding() {
    for (url, path, expected) in [
        ("https://erp.example.com", "", "https://erp.example.com/"),
        (
            "https://erp.example.com/v1/",
            "/stock/A%2FB",
            "https://erp.example.com/v1/stock/A%2FB",
        ),
        (
            "https://erp.example.com/v1",
            "/stock?user=a%20b",
            "https://erp.example.com/v1/stock?user=a%20b",
        ),
        (
            "https://erp.example.com/v1",
            "?user=a",
            "https://erp.example.com/v1?user=a",
        ),
        (
            "https://erp.example.com/v1/",
            "?user=a",
            "https://erp.example.com/v1/?user=a",
        ),
    ] {
        let routes = good(&changed("https://crm.example.com/api", url));
        let address = routes.destination("crm").expect("declared").address(path);
        assert_eq!(
            address.map(|address| address.to_string()),
            Ok(expected.to_owned())
        );
    }
}

#[test]
fn answers_can_be_understood_otherwise() {
    let routes = good(FULL);
    let crm = routes.destination("crm").expect("declared");
    let header =
        |value: &'static str| move |name: &str| (name == "x-reason").then(|| value.to_owned());
    for (status, value, body, expected) in [
        (409, "try again", "a duplicate", Some(AnswerClass::Done)),
        (503, "again", "duplicate", Some(AnswerClass::Done)),
        (409, "no", "a duplicate", None),
        (409, "again", "other", None),
        (404, "", "", Some(AnswerClass::Retry)),
        (200, "again", "duplicate", None),
    ] {
        assert_eq!(
            crm.overriding_class(status, &header(value), body),
            expected,
            "{status} {value} {body}"
        );
    }
}

#[test]
fn a_destination_without_routes_is_a_warning() {
    let routes = good(&changed(
        "routes:",
        "  spare:\n    url: https://a.example\n    repeat: safe\nroutes:",
    ));
    let warning = &routes.warnings()[0];
    assert_eq!(
        (warning.line, warning.column, warning.message.as_str()),
        (6, 3, "no route goes to destination 'spare'")
    );
}

#[test]
fn a_new_file_with_mistakes_replaces_nothing() {
    let handle = RoutesHandle::new(good(SMALL), "routes.yaml");
    let before = handle.current();
    let mistakes = handle
        .try_replace(&changed("to: crm", "to: crn"), &environment)
        .expect_err("a mistake");
    assert_eq!(mistakes.len(), 1);
    assert!(std::sync::Arc::ptr_eq(&before, &handle.current()));
    let replaced = handle
        .try_replace(&changed("purchase-crm", "renamed"), &environment)
        .expect("right");
    assert_eq!(handle.current().routes()[0].name, "renamed");
    assert!(std::sync::Arc::ptr_eq(&replaced, &handle.current()));
    assert_eq!(
        before.routes()[0].name,
        "purchase-crm",
        "who holds the old routes keeps them"
    );
}

#[test]
fn the_schema_knows_the_keys_the_reader_knows() {
    let schema = routes_schema().to_value();
    let keys = |pointer: &str| {
        let object = schema.pointer(pointer).and_then(|value| value.as_object());
        let mut keys: Vec<String> = object
            .unwrap_or_else(|| panic!("{pointer}"))
            .keys()
            .cloned()
            .collect();
        keys.sort();
        keys
    };
    let sorted = |known: &[&str]| {
        let mut known: Vec<String> = known.iter().map(ToString::to_string).collect();
        known.sort();
        known
    };
    use super::super::{auth, destination, load as loading, response, route};
    for (pointer, known) in [
        ("/properties", loading::KEYS),
        ("/$defs/DestinationFile/properties", destination::KEYS),
        ("/$defs/AuthFile/properties", auth::KEYS),
        (
            "/$defs/IdentityTokenFile/properties",
            auth::IDENTITY_TOKEN_KEYS,
        ),
        ("/$defs/AccessTokenFile/properties", auth::ACCESS_TOKEN_KEYS),
        ("/$defs/LimitsFile/properties", destination::LIMIT_KEYS),
        ("/$defs/ResponseFile/properties", response::KEYS),
        ("/$defs/RouteFile/properties", route::KEYS),
        ("/$defs/EachFile/properties", route::EACH_KEYS),
    ] {
        assert_eq!(keys(pointer), sorted(known), "{pointer}");
    }
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(
        schema["$defs"]["RouteFile"]["required"],
        serde_json::json!(["name", "when", "to"])
    );
    assert_eq!(
        schema["$defs"]["DestinationFile"]["required"],
        serde_json::json!(["url", "repeat"])
    );
}

#[test]
fn the_default_file_is_right_with_and_without_an_environment() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/routes.yaml");
    let source = std::fs::read_to_string(path).expect("the default routes file");
    let routes = load(&source, "config/routes.yaml", &|_| None).expect("no mistakes");
    assert_eq!(
        routes.destination("crm").expect("declared").url.as_str(),
        "http://127.0.0.1:8090/crm"
    );
    assert!(routes.destination("crm").expect("declared").is_loopback);
    assert!(routes.warnings().is_empty());
    let routes = load(&source, "config/routes.yaml", &environment).expect("no mistakes");
    assert_eq!(
        routes.destination("crm").expect("declared").url.as_str(),
        "https://crm.example.com/v1/"
    );
}
