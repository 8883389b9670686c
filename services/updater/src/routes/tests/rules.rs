//! The rules of the file one by one, each with its words.

use super::{bad, changed, read};

#[test]
fn each_rule_has_its_words() {
    for (from, to, expected) in [
        (
            "https://crm.example.com/api",
            "ftp://crm.example.com",
            "4:10 ftp: is not spoken here",
        ),
        (
            "https://crm.example.com/api",
            "crm.example.com",
            "4:10 this is not a url: relative URL without a base",
        ),
        (
            "https://crm.example.com/api",
            "https://a:b@crm.example.com",
            "4:10 the url holds a user or password",
        ),
        (
            "https://crm.example.com/api",
            "https://crm.example.com?a=b",
            "4:10 the url holds a query or fragment",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    kind: ga4",
            "6:5 unknown key 'kind' in destination 'crm'",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    timeout: 121s",
            "6:14 timeout: 121s is out of range",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    timeout: 99ms",
            "6:14 timeout: 99ms is out of range",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    auth: { header: X-Key }",
            "6:11 auth: is not exactly one kind",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    auth: { bearer: 'my secret' }",
            "6:21 bearer: this is not the name of a secret",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    auth: { header: Authorization, secret: K }",
            "6:21 the header Authorization can't be set here",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    headers: { Host: a }",
            "6:16 the header Host can't be set here",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    headers: { X-A: \"a\\nb\" }",
            "6:21 the value of X-A holds a character no header can have",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    limits: { rate: 0/s }",
            "6:21 rate: '0/s' is not a rate",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    responses: [{ status: 600, is: done }]",
            "6:27 '600' is not a status",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    responses: [{ status: 409, is: fine }]",
            "6:36 is: 'fine' is not known",
        ),
        (
            "    repeat: safe",
            "    repeat: safe\n    responses: { status: 409 }",
            "6:16 responses: must be a list",
        ),
        (
            "    repeat: safe",
            "    repeat:",
            "5:5 destination 'crm' has no repeat:",
        ),
        ("    to: crm\n", "", "7:5 a route has no to:"),
        (
            "    to: crm\n",
            "    to: crm\n    method: GET\n",
            "12:7 a GET has no body",
        ),
        (
            "    to: crm\n",
            "    to: crm\n    max_age: 31d\n",
            "10:14 max_age: 31d is out of range",
        ),
        (
            "    to: crm\n",
            "    to: crm\n    was: [Old]\n",
            "10:11 'Old' can't be a route's name",
        ),
        (
            "    to: crm\n",
            "    to: crm\n    was: [purchase-crm]\n",
            "10:11 the route name 'purchase-crm' is taken on line 7",
        ),
        (
            "    to: crm\n",
            "    to: crm\n    each: { in: event.data.items }\n",
            "10:11 each has no key:",
        ),
        (
            "    to: crm\n",
            "    to: crm\n    each: { in: event.data.items, as: event, key: 1 }\n",
            "10:39 as: 'event' can't name an element",
        ),
        (
            "    to: crm\n",
            "    to: crm\n    headers: { Idempotency-Key: '\"a\"' }\n",
            "10:16 the header Idempotency-Key can't be set here",
        ),
        (
            "    to: crm\n",
            "    to: crm\n    query: [a]\n",
            "10:12 query: must be a map",
        ),
        (
            "    to: crm\n",
            "    to: crm\n    query: { a: [1] }\n",
            "10:17 an expression is a text",
        ),
        (
            "    name: purchase-crm",
            "    nam: purchase-crm",
            "7:5 unknown key 'nam' in a route",
        ),
        (
            "purchase-crm",
            "Purchase_CRM",
            "7:11 'Purchase_CRM' can't be a route's name",
        ),
        (
            "      { \"userId\": event.userId }\n",
            "      \n",
            "10:11 the expression is empty",
        ),
    ] {
        let from = if from == "    name: purchase-crm" {
            "name: purchase-crm"
        } else {
            from
        };
        let to = to
            .strip_prefix("    nam:")
            .map_or(to.to_owned(), |rest| format!("nam:{rest}"));
        let mistakes = bad(&changed(from, &to));
        assert!(
            mistakes.iter().any(|mistake| mistake == expected),
            "{expected} not in {mistakes:?}"
        );
    }
}

#[test]
fn dangerous_addresses_are_refused_however_they_are_written() {
    for url in [
        "http://169.254.169.254/latest",
        "http://2852039166/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://metadata.google.internal/",
        "http://METADATA.google.internal./",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://224.0.0.1/",
        "http://[ff02::1]/",
        "http://255.255.255.255/",
    ] {
        let mistakes = bad(&changed("https://crm.example.com/api", url));
        assert!(
            mistakes[0].contains("this address is never called"),
            "{url}: {mistakes:?}"
        );
    }
    for url in [
        "http://10.0.0.8:8080",
        "http://localhost:8090/crm",
        "http://[fd12::1]/",
        "http://127.0.0.1",
    ] {
        assert!(
            read(&changed("https://crm.example.com/api", url)).is_ok(),
            "{url}"
        );
    }
}

#[test]
fn what_is_no_routes_file_is_told_so() {
    for (source, expected) in [
        ("", "1:1 the routes file must be a map"),
        ("- a\n- b\n", "1:1 the routes file must be a map"),
        ("routes: []\n", "1:1 the routes file has no destinations:"),
        ("destinations: {}\n", "1:1 the routes file has no routes:"),
        (
            "destinations: 5\nroutes: {}\n",
            "1:15 destinations: must be a map",
        ),
        (
            "destinations: {}\nroutes: {}\n",
            "2:9 routes: must be a list",
        ),
        (
            "destinations: {}\nroutes: [5]\n",
            "2:10 a route must be a map",
        ),
    ] {
        assert!(
            bad(source).iter().any(|mistake| mistake == expected),
            "{source}: {:?}",
            bad(source)
        );
    }
    for source in [
        "a: [1\n",
        "a:\n\tb: 1\n",
        "a: 1\na: 2\n",
        "a: 'x\n",
        "{",
        "a: &x [*x]\n",
        "\0",
        "a: ${B:?unset}\n",
    ] {
        let mistakes = bad(source);
        assert_eq!(mistakes.len(), 1, "{source:?}: {mistakes:?}");
    }
    let hint = read("destinations: { crm: { url: ${CRM_API_URL} } }\n").expect_err("no YAML")[0]
        .hint
        .clone();
    assert_eq!(
        hint.as_deref(),
        Some("between { and } no ${…} can stand; give each key a line of its own")
    );
    for deep in [
        "[".repeat(100_000),
        "a: ".repeat(1000),
        "- ".repeat(100_000),
        format!("{}{}", "[".repeat(5000), "]".repeat(5000)),
    ] {
        assert_eq!(bad(&deep).len(), 1);
    }
    let expression = format!("{}1{}", "(".repeat(2000), ")".repeat(2000));
    assert!(
        bad(&changed("event.eventType == \"purchase\"", &expression))[0].contains("nests too deep")
    );
    assert_eq!(
        bad(&" ".repeat((1 << 20) + 1)),
        ["1:1 the file is larger than 1 MiB"]
    );
    let many = "\n  - {}".repeat(201);
    assert!(
        bad(&format!("destinations: {{}}\nroutes:{many}\n"))
            .contains(&"3:3 201 routes are more than 200".to_owned())
    );
}
