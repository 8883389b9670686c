//! Addresses in all scripts, and words that stand against an address where a script has no spaces.

use super::{all, check, check_untouched};
use crate::redaction::settings::Treatment;

#[test]
fn names_and_domains_are_letters_of_any_script() {
    let cases = [
        ("田中@shop.example", "[e-mail]"),
        ("連絡先: 田中太郎@shop.example", "連絡先: [e-mail]"),
        ("田中.taro@shop.example", "[e-mail]"),
        ("山田_1@shop.example", "[e-mail]"),
        ("홍길동@shop.kr", "[e-mail]"),
        ("สมชาย@shop.th", "[e-mail]"),
        ("ที่@shop.th", "[e-mail]"),
        ("हिन्दी@उदाहरण.भारत", "[e-mail]"),
        ("пример+тест@пример.испытание", "[e-mail]"),
        ("δοκιμή@παράδειγμα.ευ", "[e-mail]"),
        ("مثال@مثال.إختبار", "[e-mail]"),
        ("用户@例子.公司", "[e-mail]"),
        ("jane@例え.jp", "[e-mail]"),
        ("jane@shop.みんな", "[e-mail]"),
        ("jane@t-シャツ.jp", "[e-mail]"),
        ("jane@mail.t-シャツ.jp", "[e-mail]"),
        ("jane@xn--r8jz45g.XN--ZCKZAH", "[e-mail]"),
        ("?e=%E7%94%B0%E4%B8%AD%40shop.example", "?e=[e-mail]"),
        (
            r#"{"e":"\u7530\u4e2d@shop.example"}"#,
            r#"{"e":"[e-mail]"}"#,
        ),
    ];
    check(&all(Treatment::Redact), &cases);
}

#[test]
fn words_against_an_address_stay_where_a_script_has_no_spaces() {
    let cases = [
        ("連絡先jane@example.comまで", "連絡先[e-mail]まで"),
        ("联系12345678@qq.com谢谢", "联系[e-mail]谢谢"),
        ("jane@example.co.jpです。", "[e-mail]です。"),
        ("jane@example.com.次", "[e-mail].次"),
        ("田中@shop.exampleまで", "[e-mail]まで"),
        ("문의jane@example.com으로", "문의[e-mail]으로"),
        ("jane@example.comとjoe@example.org", "[e-mail]と[e-mail]"),
        ("jane@shop.写真@jane.doe", "[e-mail]"),
        ("x@写真@shop.com.doe", "x@[e-mail]"),
        ("x.@jane@example.com.絡先", "x.@[e-mail].絡先"),
        ("x@jane@example.comまで.jp", "x@[e-mail]まで.jp"),
        ("x@例えjane@example.comまで.jp", "x@例え[e-mail]まで.jp"),
    ];
    check(&all(Treatment::Redact), &cases);
}

#[test]
fn handles_prices_and_pictures_in_such_scripts_are_no_addresses() {
    check_untouched(&[
        "写真@jane.doe",
        "モデル@taro.yamada撮影",
        "ランチ@渋谷",
        "価格@99.99円",
        "3個@1500円",
        "画像@2x.png",
        "カフェ@home",
        "＠田中",
        "@田中.太郎",
    ]);
}
