//! `talaria up` as a newcomer starts it: with the sandbox back office, and the curl that its banner names.

use serde_json::Value;

use crate::support::World;

#[tokio::test]
async fn the_curl_of_the_banner_works_twice_and_the_sandbox_shows_its_calls_once() {
    let world = World::with_sandbox();
    let process = world.start().await;
    let sandbox = process.sandbox.clone().expect("a sandbox");
    let banner = process.log();
    for address in [&process.publisher, &process.updater, &sandbox] {
        assert!(
            banner.contains(address.as_str()),
            "{address} is not in {banner}"
        );
    }
    let (_, rest) = banner.split_once("-d '").expect("a curl");
    let (event, _) = rest.split_once('\'').expect("its body");
    let event: Value = serde_json::from_str(event).expect("JSON");
    process.publish(&event).await;
    process.publish(&event).await;
    world.all_acknowledged().await;
    let requests = world.client.get(format!("{sandbox}/requests")).send().await;
    let requests = requests.expect("an answer").text().await.expect("a body");
    let requests: Value = serde_json::from_str(&requests).expect("JSON");
    let requests = requests["requests"].as_array().expect("a list");
    let mut apis: Vec<&str> = requests
        .iter()
        .filter_map(|request| request["api"].as_str())
        .collect();
    apis.sort_unstable();
    assert_eq!(apis, ["crm", "erp", "loyalty", "mail"]);
    let journey = world.run(&["journey", event["eventId"].as_str().expect("an id")]);
    assert_eq!(journey.code, Some(0), "{}", journey.stderr);
    assert_eq!(
        journey.stdout.matches(": done at ").count(),
        4,
        "{}",
        journey.stdout
    );
    process.stop().await;
}
