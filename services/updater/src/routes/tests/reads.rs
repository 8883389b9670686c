//! What routes read of an event, and where in the file.

use super::{changed, good};

fn reads(file: &str) -> Vec<(String, usize, usize)> {
    let routes = good(file);
    let reads = routes.routes()[0].reads.iter();
    reads
        .map(|read| {
            let at = read.warning("x".into(), "y".into());
            (read.written(), at.line, at.column)
        })
        .collect()
}

#[test]
fn each_form_of_reading_is_one_path() {
    for (expression, paths) in [
        ("event.userId", vec!["event.userId"]),
        ("event.data.?email.orValue(\"\")", vec!["event.data.email"]),
        ("event.data[\"e-mail\"]", vec!["event.data.e-mail"]),
        ("event[\"note\"].size()", vec!["event.note"]),
        ("has(event.data.email) ? 1 : 2", vec![]),
        (
            "lower(event.data.user.email) + event.data.user.email",
            vec!["event.data.user.email"],
        ),
        (
            "event.data.people[0].email",
            vec!["event.data.people.*.email"],
        ),
        (
            "event.data.people.map(p, p.email)",
            vec!["event.data.people", "event.data.people.*.email"],
        ),
        (
            "event.data.?people.orValue([]).filter(p, p.name != \"\")[0].email",
            vec![
                "event.data.people",
                "event.data.people.*.email",
                "event.data.people.*.name",
            ],
        ),
        (
            "event.data.?email.optMap(e, lower(e))",
            vec!["event.data.email"],
        ),
        (
            "event.data.?user.optMap(u, u.email)",
            vec!["event.data.user", "event.data.user.email"],
        ),
        (
            "{\"id\": effect.key, ?\"to\": event.data.?email}",
            vec!["event.data.email"],
        ),
        ("[{\"a\": 1}][0].a", vec![]),
    ] {
        let file = changed("{ \"userId\": event.userId }", expression);
        let found = reads(&file);
        let written: std::collections::BTreeSet<&str> = found
            .iter()
            .skip(1)
            .map(|(path, ..)| path.as_str())
            .collect();
        assert_eq!(found[0].0, "event.eventType", "{expression}");
        assert_eq!(written, paths.into_iter().collect(), "{expression}");
    }
}

#[test]
fn reads_have_the_line_and_column_where_they_stand() {
    let file = changed(
        "{ \"userId\": event.userId }",
        "{\n        \"to\": event.data.email }",
    );
    assert_eq!(
        reads(&file),
        [
            ("event.eventType".to_owned(), 8, 11),
            ("event.data.email".to_owned(), 12, 15)
        ]
    );
}

#[test]
fn an_element_of_each_is_led_back_to_its_list() {
    let each = "to: crm\n    each: { in: 'event.data.?people.orValue([]).filter(p, has(p.email))', as: person, key: person.id }\n    path: '\"/people/\" + person.email'";
    let found = reads(&changed("to: crm", each));
    let paths: Vec<&str> = found.iter().map(|(path, ..)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "event.eventType",
            "event.data.people",
            "event.data.people.*.id",
            "event.data.people.*.email",
            "event.userId"
        ]
    );
}
