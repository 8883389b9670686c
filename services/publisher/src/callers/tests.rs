use actix_web::http::header::{HeaderName, HeaderValue};

use super::*;
use crate::settings::{Callers, IdTokenSettings, PublisherSettings};

/// The example of the Standard Webhooks specification, whose signature its authors give.
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const SIGNED_S: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const EVERYWHERE: ([u8; 4], u16) = ([0, 0, 0, 0], 80);

fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(text))
}

fn settings(callers: Callers) -> PublisherSettings {
    PublisherSettings {
        callers,
        ..PublisherSettings::default()
    }
}

fn check(settings: &PublisherSettings) -> Result<CallerCheck, CallerSetupError> {
    CallerCheck::from_settings(settings, EVERYWHERE.into(), None)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let value = HeaderValue::from_str(value).expect("a header");
        headers.append(HeaderName::from_static(name), value);
    }
    headers
}

#[test]
fn off_loopback_nobody_is_let_in_unnamed() {
    let open = settings(Callers::None);
    assert!(CallerCheck::from_settings(&open, ([127, 0, 0, 1], 80).into(), None).is_ok());
    let refusal = check(&open).err();
    assert_eq!(
        refusal,
        Some(CallerSetupError::OpenToOthers(EVERYWHERE.into()))
    );
    let refusal = refusal.expect("a refusal").to_string();
    for way in [
        "127.0.0.1",
        "shared-secret",
        "hmac",
        "google-id-token",
        "trusted-network",
    ] {
        assert!(refusal.contains(way), "{way:?} is not in {refusal}");
    }
}

#[test]
fn what_is_missing_or_weak_refuses_to_start() {
    let refused = |settings: PublisherSettings| check(&settings).err().expect("a refusal");
    for (secrets, expected) in [
        ([None, None], CallerSetupError::NoSecret),
        ([secret("short"), None], CallerSetupError::WeakSecret),
        (
            [secret("0123456789abcdef"), secret("")],
            CallerSetupError::WeakSecret,
        ),
    ] {
        let [shared_secret, shared_secret_previous] = secrets;
        let settings = PublisherSettings {
            shared_secret,
            shared_secret_previous,
            ..settings(Callers::SharedSecret)
        };
        assert_eq!(refused(settings), expected);
    }
    let keys = |hmac_key, hmac_key_previous| PublisherSettings {
        hmac_key,
        hmac_key_previous,
        ..settings(Callers::Hmac)
    };
    assert_eq!(refused(keys(None, secret(KEY))), CallerSetupError::NoKey);
    let bad = |setting| CallerSetupError::BadKey {
        setting,
        fault: SigningKeyError,
    };
    assert_eq!(refused(keys(secret("whsec_AAAA"), None)), bad("hmac_key"));
    assert_eq!(
        refused(keys(secret(KEY), secret("no base64!"))),
        bad("hmac_key_previous")
    );
}

#[test]
fn tokens_need_an_audience_accounts_and_somebody_who_can_check_them() {
    for mode in [Callers::GoogleIdToken, Callers::CloudRunIam] {
        let refusal = check(&settings(mode)).err().expect("a refusal").to_string();
        for text in [mode.name(), "id_token.audience", "id_token.service_account"] {
            assert!(refusal.contains(text), "{text:?} is not in {refusal}");
        }
        let whole = PublisherSettings {
            id_token: IdTokenSettings {
                audience: vec!["https://publisher.example".into()],
                service_account: vec!["tag@shop.iam.gserviceaccount.com".into()],
            },
            ..settings(mode)
        };
        let refusal = check(&whole).err().expect("a refusal");
        assert_eq!(refusal, CallerSetupError::NoVerifier { mode: mode.name() });
        assert!(refusal.to_string().contains("`talaria up`"), "{refusal}");
    }
}

#[test]
fn settings_that_this_way_makes_mean_nothing_are_named() {
    let whole = |callers| PublisherSettings {
        shared_secret: secret("0123456789abcdef"),
        shared_secret_previous: secret("0123456789abcdef"),
        hmac_key: secret(KEY),
        hmac_key_previous: secret(KEY),
        id_token: IdTokenSettings {
            audience: vec!["https://publisher.example".into()],
            service_account: vec!["tag@shop.iam.gserviceaccount.com".into()],
        },
        ..settings(callers)
    };
    let secrets = ["shared_secret", "shared_secret_previous"];
    let keys = ["hmac_key", "hmac_key_previous"];
    let tokens = ["id_token.audience", "id_token.service_account"];
    for (callers, expected) in [
        (Callers::None, [secrets, keys, tokens].concat()),
        (Callers::TrustedNetwork, [secrets, keys, tokens].concat()),
        (Callers::SharedSecret, [keys, tokens].concat()),
        (Callers::Hmac, [secrets, tokens].concat()),
        (Callers::GoogleIdToken, [secrets, keys].concat()),
        (Callers::CloudRunIam, [secrets, keys].concat()),
    ] {
        assert_eq!(unused(&whole(callers)), expected, "{callers:?}");
        assert_eq!(unused(&settings(callers)), [""; 0]);
    }
}

#[test]
fn the_specifications_own_example_is_signed_alike() {
    for written in [
        KEY,
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        " MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
    ] {
        let key = SigningKey::read(&Secret::new(written)).expect(written);
        assert_eq!(key.sign(ID, &SIGNED_S.to_string(), BODY), SIGNATURE);
    }
    let key = SigningKey::read(&Secret::new(KEY)).expect("a key");
    assert_eq!(format!("{key:?}"), "SigningKey(…)");
}

#[test]
fn what_no_body_could_make_good_is_refused_from_the_head() {
    use CallerFault::{MalformedSignature, Unsigned, Untimely};
    let now_s = SIGNED_S;
    let time = SIGNED_S.to_string();
    let at = |seconds: i64| (SIGNED_S + seconds).to_string();
    let read = |pairs: &[(&'static str, &str)]| {
        let headers = headers(pairs);
        SignedHead::read(&headers, Timestamp::from_millis(now_s * 1000)).map(drop)
    };
    let with = |id: &str, timestamp: &str, signatures: &str| {
        read(&[
            ("webhook-id", id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", signatures),
        ])
    };
    assert_eq!(with(ID, &time, SIGNATURE), Ok(()));
    assert_eq!(with(ID, &at(300), SIGNATURE), Ok(()));
    assert_eq!(with(ID, &at(-300), SIGNATURE), Ok(()));
    assert_eq!(
        with(ID, &time, &format!("v1a,AAAA {SIGNATURE} v2,x")),
        Ok(())
    );
    let many = [SIGNATURE; 9].join(" ");
    let cases: [(&str, &str, &str, CallerFault); 14] = [
        (ID, &at(301), SIGNATURE, Untimely),
        (ID, &at(-301), SIGNATURE, Untimely),
        (ID, "0", SIGNATURE, Untimely),
        (ID, "999999999999", SIGNATURE, Untimely),
        (ID, "1614265330000000", SIGNATURE, MalformedSignature),
        (ID, "+1614265330", SIGNATURE, MalformedSignature),
        (ID, "", SIGNATURE, MalformedSignature),
        ("", &time, SIGNATURE, MalformedSignature),
        ("msg_1.2", &time, SIGNATURE, MalformedSignature),
        (&"x".repeat(257), &time, SIGNATURE, MalformedSignature),
        (ID, &time, "", MalformedSignature),
        (ID, &time, "v1,AAAA", MalformedSignature),
        (
            ID,
            &time,
            "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            MalformedSignature,
        ),
        (ID, &time, &many, MalformedSignature),
    ];
    for (id, timestamp, signatures, fault) in cases {
        assert_eq!(
            with(id, timestamp, signatures),
            Err(fault),
            "{timestamp} {signatures}"
        );
    }
    let all = [
        ("webhook-id", ID),
        ("webhook-timestamp", &time),
        ("webhook-signature", SIGNATURE),
    ];
    for left_out in 0..all.len() {
        let mut pairs = all.to_vec();
        pairs.remove(left_out);
        assert_eq!(read(&pairs), Err(Unsigned), "without {}", all[left_out].0);
        pairs.extend([all[left_out]; 2]);
        assert_eq!(read(&pairs), Err(Unsigned), "two of {}", all[left_out].0);
    }
}

#[test]
fn the_signer_is_the_one_whose_key_it_is_and_of_changed_bytes_nobody() {
    let keys = [KEY, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
        .map(|text| SigningKey::read(&Secret::new(text)).expect("a key"));
    let time = SIGNED_S.to_string();
    let by_second = keys[1].sign(ID, &time, BODY);
    let signer = |id: &str, signatures: &str, body: &[u8]| {
        let headers = headers(&[
            ("webhook-id", id),
            ("webhook-timestamp", &time),
            ("webhook-signature", signatures),
        ]);
        let head = SignedHead::read(&headers, Timestamp::from_millis(SIGNED_S * 1000));
        head.expect("a sound head").signer(&keys, body)
    };
    assert_eq!(signer(ID, SIGNATURE, BODY), Some(0));
    assert_eq!(signer(ID, &by_second, BODY), Some(1));
    let wrong = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(signer(ID, &format!("{wrong} {SIGNATURE}"), BODY), Some(0));
    assert_eq!(signer(ID, wrong, BODY), None);
    assert_eq!(signer(ID, SIGNATURE, b"{}"), None);
    assert_eq!(signer("msg_2", SIGNATURE, BODY), None);
}
