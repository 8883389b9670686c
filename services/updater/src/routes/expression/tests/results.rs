//! Results: numbers of all kinds, exact amounts, texts, times, missing fields.

use serde_json::json;

use super::{EvaluationError, evaluate};

#[test]
fn whole_and_fractional_numbers_behave_alike() {
    for (source, expected) in [
        ("event.data.value * 0.1", "1"),
        ("event.data.fraction * 0.1", "1.05"),
        ("event.data.value * 10", "100"),
        ("event.data.fraction * 10", "105"),
        ("event.data.value / 4", "2.5"),
        ("event.data.fraction / 3", "3.5"),
        ("event.data.value + 1", "11"),
        ("event.data.fraction - 1", "9.5"),
        ("event.data.value % 3", "1"),
        ("event.data.fraction % 3", "1.5"),
        ("1u + event.data.value", "11"),
        ("-event.data.value", "-10"),
        ("-(event.data.value - 10)", "0"),
        ("10 / 4", "2"),
        ("event.data.value > 9.5 && event.data.value == 10", "true"),
        ("event.data.big", "9007199254740993"),
        ("event.data.big + 1", "9007199254740994"),
        ("event.data.items[1].quantity", "10"),
        (
            "event.data.items[event.data.value - 9].item_id",
            "\"BULB-E14\"",
        ),
        ("string(event.data.value)", "\"10\""),
        ("string(event.data.fraction)", "\"10.5\""),
        ("\"no \" + string(event.data.items[0].quantity)", "\"no 1\""),
        ("int(event.data.fraction)", "10"),
        (
            "math.greatest(event.data.value, event.data.fraction, 3)",
            "10.5",
        ),
        ("size(event.data.items) * 1.5", "4.5"),
    ] {
        assert_eq!(
            evaluate(source).map(|value| value.to_string()),
            Ok(expected.to_owned()),
            "{source}"
        );
    }
}

#[test]
fn amounts_are_exact() {
    for (source, expected) in [
        ("mul(29.99, \"0.1\")", "2.999"),
        ("floor(mul(29.99, \"0.1\"))", "2"),
        ("floor(mul(event.data.value, \"0.1\"))", "1"),
        ("add(0.1, 0.2)", "0.3"),
        ("sub(\"0.3\", 0.1)", "0.2"),
        ("mul(\"74.00\", 1)", "74"),
        ("mul(event.data.text, \"0.25\")", "18.5"),
        ("div(1, 3, 4)", "0.3333"),
        ("div(2, 3, 2)", "0.67"),
        ("div(-1, 2, 0)", "-1"),
        ("round(2.345, 2)", "2.35"),
        ("round(-2.345, 2)", "-2.35"),
        ("round(1.005, 2)", "1.01"),
        ("round(7, 2)", "7"),
        ("floor(-0.5)", "-1"),
        ("ceil(-0.5)", "0"),
        ("ceil(2.001)", "3"),
        ("-floor(mul(event.data.fraction, \"0.1\"))", "-1"),
        ("sum(event.data.items.map(i, i.price))", "137"),
        ("sum([0.1, \"0.2\", 0.3])", "0.6"),
        ("sum([])", "0"),
        ("add(event.data.big, 1)", "9007199254740994"),
        ("mul(1.1, 1.1) * 10", "12.1"),
        ("add(1000000064899999.2, 0)", "1000000064899999.2"),
        ("mul(1e23, 1e-5)", "1000000000000000000"),
        ("add(1e-7, 2.5e-7)", "3.5e-7"),
    ] {
        assert_eq!(
            evaluate(source).map(|value| value.to_string()),
            Ok(expected.to_owned()),
            "{source}"
        );
    }
    for (source, reason) in [
        ("mul(\"1e3\", 2)", "*: this is not a decimal number"),
        ("mul(\"12,50\", 2)", "*: this is not a decimal number"),
        ("div(1, 0, 2)", "/: division by zero"),
        ("div(1, 3, 18)", "/: the result has more digits"),
        // The double between …9.2 and …9.3 is as near to both; JSON writes the one, Rust the other.
        (
            "add(\"1000000064899999.3\", 0)",
            "+: the result has more digits",
        ),
        (
            "mul(\"99999999999999999999999999999\", \"99999999999999999999\")",
            "*: the number is too large",
        ),
        ("round(1, 19)", "round: the number of decimal places"),
        ("sum(event.data.value)", "sum: its argument is a list"),
        ("event.data.value / 0", "/: division by zero"),
        ("1 / 0", "/: division by zero"),
    ] {
        let error = evaluate(source).expect_err(source).to_string();
        assert!(error.starts_with(reason), "{source}: {error}");
    }
}

#[test]
fn keys_of_an_object_come_in_their_order() {
    let object = "{\"m\": 5, \"b\": 3, \"z\": 1, \"a\": 4, \"k\": 2}";
    for (source, expected) in [
        ("OBJECT.map(key, key)", r#"["a","b","k","m","z"]"#),
        ("OBJECT.filter(key, OBJECT[key] > 2)", r#"["a","b","m"]"#),
        ("OBJECT.map(key, OBJECT[key] < 3, OBJECT[key])", "[2,1]"),
        ("OBJECT.map(key, key)[0]", r#""a""#),
        ("OBJECT.exists(key, OBJECT[key] == 5)", "true"),
        (
            "{2: 0, 1u: 0, true: 0, \"x\": 0}.map(key, string(key))",
            r#"["2","1","true","x"]"#,
        ),
    ] {
        let source = source.replace("OBJECT", object);
        let value = evaluate(&source).map(|value| value.to_string());
        assert_eq!(value, Ok(expected.to_owned()), "{source}");
    }
    let joined = evaluate("[1] + {\"a\": 1}").expect_err("an object is no list");
    assert!(joined.to_string().starts_with("+"), "{joined}");
}

#[test]
fn texts_and_times_are_made_for_other_systems() {
    for (source, expected) in [
        (
            "time(event.eventTimestampMs)",
            json!("2025-11-25T08:42:14.221Z"),
        ),
        (
            "time(\"2025-11-20T09:14:55+01:00\")",
            json!("2025-11-20T08:14:55.000Z"),
        ),
        ("time(\"1763801200000\")", json!("2025-11-22T08:46:40.000Z")),
        (
            "time_ms(\"2025-11-20T08:14:55Z\")",
            json!(1_763_626_495_000_i64),
        ),
        ("date(event.eventTimestampMs)", json!("2025-11-25")),
        (
            "timestamp(time(event.eventTimestampMs)).getHours(\"Europe/Stockholm\")",
            json!(9),
        ),
        (
            "timestamp(\"2025-11-20T09:14:55+01:00\")",
            json!("2025-11-20T08:14:55.000Z"),
        ),
        (
            "sha256(\"abc\")",
            json!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ),
        ("lower(\" ÅSA \".trim())", json!("åsa")),
        ("upper(\"å\")", json!("Å")),
        (
            "event.data.items.filter(i, has(i.item_id)).map(i, i.item_id).join(\", \")",
            json!("LAMP-07, BULB-E14"),
        ),
        ("[\"a\", \"b\"].join()", json!("ab")),
        ("\"a-b-c\".replace(\"-\", \"\")", json!("abc")),
        ("\"煎茶 200g\".startsWith(event.data.name)", json!(true)),
        ("\"a@b.c\".matches(\"^[^@]+@\")", json!(true)),
        ("event.data.items.sortBy(i, i.price)[0].price", json!(2)),
        ("event.data.items.exists_one(i, i.price > 100)", json!(true)),
        (
            "{\"b\": 1, \"a\": [event.data.value, 2.5, null, true]}",
            json!({"a": [10, 2.5, null, true], "b": 1}),
        ),
        ("effect.key", json!("5160dd8d-706e-5104-96ff-d7a8757cbe55")),
        ("base64.encode(b\"hi\")", json!("aGk=")),
        ("type(event.data.value) == double", json!(true)),
    ] {
        assert_eq!(evaluate(source), Ok(expected), "{source}");
    }
}

#[test]
fn a_missing_field_is_named_and_can_be_replaced() {
    for (source, expected) in [
        ("event.data.?coupon.orValue(\"none\")", json!("none")),
        ("event.data.?value.orValue(0)", json!(10)),
        ("event.data.?a.?b.orValue(1)", json!(1)),
        (
            "{?\"coupon\": event.data.?coupon, ?\"value\": event.data.?value}",
            json!({"value": 10}),
        ),
        ("event.data.?value.optMap(v, v * 2).orValue(0)", json!(20)),
        (
            "event.data.?coupon.or(event.data.?text).value()",
            json!("74.00"),
        ),
        ("has(event.data.coupon)", json!(false)),
        (
            "has(event.clientId) ? event.clientId : \"guest\"",
            json!("guest"),
        ),
        ("event.data.coupon == \"a\" || true", json!(true)),
        ("[1, ?event.?clientId]", json!([1])),
    ] {
        assert_eq!(evaluate(source), Ok(expected), "{source}");
    }
    for (source, path) in [
        ("event.clientId", "event.clientId"),
        ("event.data.coupon.code", "event.data.coupon"),
        ("{\"a\": item.price}", "item.price"),
        ("event.data.items[7].price", "an element of a list"),
        ("event.data.items.map(i, i.item_id)", "i.item_id"),
        (
            "event.data.?coupon.value()",
            "the value of an empty optional",
        ),
        // The key came out of the event, so it is not shown.
        ("event.data[event.userId]", "a field"),
    ] {
        assert_eq!(
            evaluate(source),
            Err(EvaluationError::Missing { path: path.into() }),
            "{source}"
        );
    }
}
