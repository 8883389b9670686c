//! `talaria check --subscriptions` on what `talaria provision` made.

use serde_json::json;

use crate::cloud::Cloud;
use crate::support::BackOffice;

#[tokio::test]
async fn what_was_provisioned_is_well_and_what_was_changed_by_hand_is_named() {
    let cloud = Cloud::new(&BackOffice::open().await);
    let check = async || {
        let output = cloud.talaria(&["check", "--subscriptions"]).await;
        let told = String::from_utf8(output.stdout).expect("UTF-8");
        (output.status.code(), told)
    };
    let (code, told) = check().await;
    assert_eq!(code, Some(1), "nothing is there yet: {told}");
    let made = cloud.talaria(&["provision", "--routes"]).await;
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let (code, told) = check().await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("no differences"), "{told}");
    let (mail, counter) = ("backend-updates.mail", "backend-updates.counter");
    let policy = json!({"minimumBackoff": "1s", "maximumBackoff": "600s"});
    cloud.project.change(mail, "retryPolicy", policy).await;
    let elsewhere = json!({"pushEndpoint": "http://127.0.0.1:9/"});
    cloud.project.change(counter, "pushConfig", elsewhere).await;
    let (code, told) = check().await;
    assert_eq!(code, Some(1), "{told}");
    let named = told
        .lines()
        .filter(|line| line.starts_with("subscription "));
    let named: Vec<&str> = named.collect();
    assert_eq!(named.len(), 2, "{told}");
    assert!(named.iter().any(|line| line.contains(mail)), "{told}");
    assert!(named.iter().any(|line| line.contains(counter)), "{told}");
}
