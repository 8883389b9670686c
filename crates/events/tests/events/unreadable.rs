//! Messages that can't be read, and why.

use events::{MAX_DEPTH, Unreadable};

use crate::support::read_with;

#[test]
fn unreadable_messages_say_why() {
    let read = |data: &[u8]| read_with(data, |_| ()).expect_err("unreadable");
    for empty in ["", " \r\n"] {
        assert_eq!(read(empty.as_bytes()), Unreadable::Empty);
    }
    assert_eq!(
        read(b"{\n\"a\": x}"),
        Unreadable::NotJson { line: 2, column: 6 }
    );
    for (data, description) in [
        (&b"{} {}"[..], "two values"),
        (b"{\"a\":1e999}", "too large"),
        (b"\xff\xfe", "no UTF-8"),
        (b"\"\xff\"", "no UTF-8"),
    ] {
        assert!(
            matches!(read(data), Unreadable::NotJson { .. }),
            "{description}"
        );
    }
    for scalar in ["null", "7", "\"text\"", "true"] {
        assert_eq!(read(scalar.as_bytes()), Unreadable::WrongShape, "{scalar}");
    }
    let message = read(b"[{}, 5]]").to_string();
    assert!(message.contains("line 1, column 8"), "{message}");
}

#[test]
fn nesting_is_limited_so_that_what_was_read_can_be_read_again() {
    let nested = |open: &str, levels: usize, close: &str| {
        format!("{}{}", open.repeat(levels), close.repeat(levels))
    };
    for (text, readable) in [
        (
            format!("{{\"a\":{}}}", nested("[", MAX_DEPTH - 2, "]")),
            true,
        ),
        (
            format!("{{\"a\":{}}}", nested("[", MAX_DEPTH - 1, "]")),
            false,
        ),
        (nested("[", MAX_DEPTH - 2, "]"), true),
        (nested("[", MAX_DEPTH - 1, "]"), false),
        (
            format!(
                "{{\"eventId\":1,\"data\":{{\"a\":{}}}}}",
                nested("[", MAX_DEPTH - 2, "]")
            ),
            true,
        ),
        (
            format!(
                "{{\"eventId\":1,\"data\":{{\"a\":{}}}}}",
                nested("[", MAX_DEPTH - 1, "]")
            ),
            false,
        ),
        (
            format!(
                "{{\"eventType\":\"purchase\",\"items\":\"{}\"}}",
                nested("[", MAX_DEPTH - 1, "]")
            ),
            false,
        ),
        (nested("[", 200_000, ""), false),
    ] {
        let result = read_with(text.as_bytes(), |_| ());
        assert_eq!(result.is_ok(), readable, "{} characters", text.len());
        if let Ok(received) = result {
            let again = read_with(&received.update.to_bytes(), |_| ()).expect("readable again");
            assert!(again.update == received.update);
        }
    }
    assert_eq!(
        read_with(nested("[", 65, "]").as_bytes(), |_| ()),
        Err(Unreadable::TooDeep)
    );
}
