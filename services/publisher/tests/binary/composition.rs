//! The publisher as docker-compose.yml starts it: others on its own network reach it, unasked and under its name there. And what
//! the composition and its images are made of.

use testing::RunningProgram;

use crate::platform::PROGRAM;

#[tokio::test]
async fn it_starts_for_its_own_network_and_says_whom_it_lets_in() {
    let variables = [
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("PORT", "0"),
        ("PUBSUB_EMULATOR_HOST", "127.0.0.1:1"),
        ("TALARIA_BUS__BACKEND", "pubsub"),
        ("TALARIA_CALLERS", "trusted-network"),
    ];
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    let port = address.strip_prefix("0.0.0.0:").expect("all addresses");
    let client = reqwest::Client::builder().build().expect("a client");
    let asked = client
        .get(format!("http://127.0.0.1:{port}/health/live"))
        .header("host", "publisher:8080");
    assert_eq!(asked.send().await.expect("an answer").status(), 200);
    let log = program.log();
    assert_eq!(log.matches("is trusted-network").count(), 1, "{log}");
}

/// gcloud keeps it among its beta commands; without that word the container ends at once.
#[test]
fn the_emulator_of_pubsub_is_started_by_the_command_that_gcloud_has() {
    for (name, count) in [("docker-compose.yml", 1), ("scripts/with-emulators", 1)] {
        let file = file(name);
        let commands = file.matches("emulators pubsub start").count();
        let right = file.matches("gcloud beta emulators pubsub start").count();
        assert_eq!((commands, right), (count, count), "{name}");
    }
}

#[test]
fn the_image_is_built_from_every_member_of_the_workspace() {
    let (ignored, workspace) = (file(".dockerignore"), file("Cargo.toml"));
    let let_in = |path: &str| ignored.lines().any(|line| line == format!("!{path}"));
    let members = workspace
        .lines()
        .find_map(|line| line.strip_prefix("members = [")?.strip_suffix(']'))
        .expect("members on one line");
    let folders: Vec<&str> = members
        .split(", ")
        .map(|member| member.trim_matches('"').trim_end_matches("/*"))
        .collect();
    assert_eq!(folders.len(), 2, "{folders:?}");
    for path in folders.into_iter().chain(["Cargo.lock", "Cargo.toml"]) {
        assert!(let_in(path), ".dockerignore keeps {path} out");
    }
}

/// The build doesn't see rust-toolchain.toml.
#[test]
fn the_image_is_built_with_the_toolchain_of_the_workspace() {
    let (image, toolchain) = (file("Dockerfile"), file("rust-toolchain.toml"));
    let of_image = between(&image, "FROM docker.io/library/rust:", "-");
    let of_workspace = between(&toolchain, "channel = \"", "\"");
    assert!(
        of_workspace.starts_with(&format!("{of_image}.")),
        "{of_image:?} is not of {of_workspace:?}"
    );
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).expect("what comes before");
    rest.split_once(after).expect("what comes after").0
}

fn file(name: &str) -> String {
    let path = format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("a file of the repository")
}
