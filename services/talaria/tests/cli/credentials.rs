//! What is said about secrets and tokens that are not to be had on this machine.

use serde_json::Value;

use crate::{SECRETS, file, json, sample, stdout, talaria};

#[test]
fn a_file_with_google_tokens_and_versions_of_secrets_is_right_and_says_what_is_not_to_be_had_here()
{
    let directory = tempfile::tempdir().expect("a directory");
    let text = "\
destinations:
  crm:
    url: https://crm.example/v1
    auth: { google-identity-token: { audience: crm-audience } }
    repeat: safe
  erp:
    url: https://erp.example
    auth: { google-access-token: {} }
    repeat: safe
  loyalty:
    url: https://loyalty.example
    auth: { bearer: CRM_API_KEY@5 }
    repeat: safe
routes:
  - { name: a, when: 'true', to: crm }
  - { name: b, when: 'true', to: erp }
  - { name: c, when: 'true', to: loyalty }
";
    let path = file(directory.path(), "routes.yaml", text);
    let output = talaria(&["check", &path], &SECRETS);
    let printed = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    for expected in [
        "'crm' can't be called from here: the Google identity token for crm-audience",
        "'erp' can't be called from here: the Google access token for https://",
        "no mistakes",
    ] {
        assert!(
            printed.contains(expected),
            "{expected:?} is not in\n{printed}"
        );
    }
    assert!(!printed.contains("'loyalty' can't"), "{printed}");

    let event = sample("publisher_purchase", 1);
    let output = talaria(&["explain", &event, "--routes", &path, "--json"], &SECRETS);
    let effects = json(&output)["effects"].clone();
    let sent: Vec<&Value> = effects
        .as_array()
        .expect("a list")
        .iter()
        .map(|effect| &effect["call"]["headers"]["Authorization"])
        .collect();
    assert_eq!(sent, ["Bearer ••••"; 3]);

    let source = ("TALARIA_UPDATER__SECRETS__SOURCE", "secret-manager");
    let output = talaria(&["check", &path], &[SECRETS[0], source]);
    let printed = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(
        printed.contains("the secret CRM_API_KEY@5 is in Secret Manager"),
        "{printed}"
    );
}
