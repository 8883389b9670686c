#!/usr/bin/env bash
# Do the tests catch what they are there for? Each fault is put into a copy of this folder, where the tests must then fail.
#   usage: tests/faults.sh [COMMAND]    COMMAND runs the tests of the folder that it is started in, and takes -filter=FILE as
#                                       terraform test does, which it is if none is given
# Exit code 0 only if the tests pass without a fault and fail with each.
set -euo pipefail
terraform_folder=$(cd "$(dirname "$0")/.." && pwd)
repository=$(cd "$terraform_folder/../.." && pwd)
command=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missed=0

fresh_copy() {
  rm -rf "$work/copy"
  mkdir -p "$work/copy/infra"
  cp -r "$repository/config" "$work/copy/config"
  cp -r "$repository/infra/firestore" "$work/copy/infra/firestore"
  cp -r "$terraform_folder" "$work/copy/infra/terraform"
  mkdir "$work/copy/docs"
  cp "$repository/docs/telemetry.md" "$work/copy/docs/"
}

with_terraform() { terraform init -backend=false -input=false >/dev/null && terraform test -no-color "$@"; }

run_tests() { (cd "$work/copy/infra/terraform" && ${command:-with_terraform} "$@") >"$work/log" 2>&1; }

# fault TEST NAME FILE PROGRAM: the file of the copy, changed by a perl program that sees it whole, must make TEST fail.
fault() {
  fresh_copy
  local file="$work/copy/infra/terraform/$3"
  perl -0pi -e "$4" "$file"
  if cmp -s "$file" "$terraform_folder/$3"; then
    echo "STALE   $2: the fault no longer changes $3"
    missed=$((missed + 1))
  elif run_tests -filter="tests/$1.tftest.hcl"; then
    echo "MISSED  $2"
    missed=$((missed + 1))
  elif ! grep -q "Test assertion failed\|Missing expected failure" "$work/log"; then
    # A copy that is no Terraform fails as well, and shows nothing.
    echo "BROKEN  $2"
    tail -20 "$work/log"
    missed=$((missed + 1))
  else
    echo "caught  $2: $(grep -m1 -o 'run "[^"]*"\.\.\. .*fail' "$work/log" | cut -d'"' -f2)"
  fi
}

fresh_copy
if ! run_tests; then
  tail -40 "$work/log"
  echo "the tests fail without any fault"
  exit 1
fi
echo "passed  without a fault"

agent='s/(resource "google_pubsub_topic_iam_member" "agent_forwards" \{.*?)topic   = \S+/$1topic   = google_pubsub_topic.events.name/s'
fault subscriptions "the agent may not publish to the dead-letter topic" pubsub_agent.tf "$agent"
fault subscriptions "the agent may not take from one of the subscriptions" pubsub_agent.tf 's/for_each = google_pubsub_subscription.events/for_each = { for part, one in google_pubsub_subscription.events : part => one if part != "counter" }/'
fault subscriptions "the agent may not sign tokens" pubsub_agent.tf 's/serviceAccountOpenIdTokenCreator/workloadIdentityUser/'
fault subscriptions "a deadline is too short for two calls" routes.tf 's/floor\(timeout \/ 500\)/floor(timeout \/ 1000)/'
fault subscriptions "a deadline is not bounded below" routes.tf 's/max\(60, /max(10, /'
fault subscriptions "the dead-letter topic has no subscription" pubsub.tf 's/\n  topic( +)= google_pubsub_topic.dead_letters.id/\n  topic$1= google_pubsub_topic.events.id/'
fault subscriptions "a subscription expires" pubsub.tf 's/ttl = ""/ttl = "2678400s"/'
fault subscriptions "messages are given up after five attempts" pubsub.tf 's/max_delivery_attempts = 100/max_delivery_attempts = 5/'
fault subscriptions "a filter is not part of its subscription's name" pubsub.tf 's/\(local.filters\[id\] == null \? id : .*?\) =>/(id) =>/'
fault subscriptions "the audience is the whole address" pubsub.tf 's/audience( +)= local.urls\[each.value.service\]/audience$1= "\${local.urls[each.value.service]}\${each.value.path}"/'
fault access "the updater is public" run_callers.tf 's/(name in \["updater", "counter-tally"\].*?member = )local.members\["push"\]/$1"allUsers"/'
fault access "the updater is public beside all that" run.tf 's/\z/\nresource "google_cloud_run_v2_service_iam_member" "open" {\n  location = var.region\n  name = "talaria-updater"\n  role = "roles\/run.invoker"\n  member = "allUsers"\n}\n/'
fault access "the updater is reached from the internet" services.tf 's/updater( +)= "INGRESS_TRAFFIC_INTERNAL_ONLY"/updater$1= "INGRESS_TRAFFIC_ALL"/'
fault services "a variable turns the check of pushes off" services.tf 's/merge\(local.updater_environment, local.google, local.firestore, local.pushed\["updater"\], /merge(local.google, local.firestore, local.pushed["updater"], local.updater_environment, /'
fault services "a setting has a name that nobody reads" publisher.tf 's/TALARIA_RATE_LIMIT__BURST/TALARIA_RATE_LIMIT__BURSTS/'
fault services "a setting in small letters stands beside ours" variables_services.tf 's/upper\(variable\) == variable/true/'
fault services "limits are divided by another number of instances" services.tf 's/tostring\(var.services.updater.max_instances\)/"1"/'
fault services "a probe asks an address that Cloud Run keeps" run.tf 's/\["\/health\/live"\]/["\/healthz"]/'
fault routes "the routes file follows its latest version" run.tf 's/version = google_secret_manager_secret_version.routes.version/version = "latest"/'
fault store "nothing is ever forgotten" firestore.tf 's/try\(each.value.ttl, false\)/false/'
fault store "a collection lost its TTL policy" ../firestore/firestore.indexes.json 's/("markers", "fieldPath": "expires_at"), "ttl": true/$1/'
fault store "everything is indexed" firestore.tf 's/index_config \{.*?\n  \}\n/dynamic "index_config" {\n    for_each = []\n    content {}\n  }\n/s'
fault store "browsers read everything" firestore.rules 's/if false/if true/'
fault access "the database's rights hold for the whole project" accounts.tf 's/databases\/\$\{google_firestore_database.store.name\}/databases\//'
fault store "what is due is not indexed" ../firestore/firestore.indexes.json 's/("held_messages", "fieldPath": )"summary"/$1"due_key"/'
fault publisher "a publisher that anybody reaches checks nobody" publisher.tf 's/!local.publisher_is_private \? var.publisher_access/!local.publisher_is_private ? "trusted-network"/'
fault publisher "a private publisher believes whoever comes through" publisher.tf 's/\? "cloud-run-iam" : "trusted-network"/? "trusted-network" : "trusted-network"/'
fault publisher "tokens for others are taken" publisher.tf 's/concat\(\[local.urls\["publisher"\]\], /concat(["https:\/\/www.example.com"], /'
fault publisher "the tag's account is not known" publisher.tf 's/\[google_service_account.account\["tag"\].email\]/[]/'
fault publisher "people are named to a publisher that can't check them" variables_publisher.tf 's/startswith\(member, "serviceAccount:"\)/true/'
fault publisher "there is no second key" publisher.tf 's/TALARIA_HMAC_KEY_PREVIOUS = var.hmac_key_previous_version/TALARIA_HMAC_KEY_PREVIOUS = null/'
fault publisher "the key follows its latest version" variables_publisher.tf 's/(var.hmac_key_version == null \|\| can\(regex\(")[^"]*/$1.*/'
fault publisher "a publisher starts without its key" run.tf 's/var.publisher_access != "hmac"/true/'
fault publisher "the updater reads the publisher's key" secrets.tf 's/account = "publisher"/account = "updater"/'
fault publisher "a public publisher has no way in" run_callers.tf 's/local.publisher_is_private \? \{\} : \{ "publisher everybody"/true ? {} : { "publisher everybody"/'
fault access "a private publisher is public" run_callers.tf 's/local.publisher_is_private \? \{\} : \{ "publisher everybody"/false ? {} : { "publisher everybody"/'
fault publisher "a variable turns redaction off" services.tf 's/(publisher = merge\(\s+)(var.services.publisher.environment), (.*?)local.publisher_rules,/$1$3local.publisher_rules, $2,/s'
fault publisher "any text is a rate" variables_publisher.tf 's/\^\[1-9\]\[0-9\]\*\/\[sm\]\$/.*/'
fault lake "the event lake is on" lake.tf 's/default = null/default = { location = "EU" }/'
fault lake "card numbers go to the event lake" lake.tf 's/\[var.redaction.emails, var.redaction.card_numbers\]/[var.redaction.emails]/'
fault lake "e-mail addresses go to the event lake" lake.tf 's/\[var.redaction.emails, var.redaction.card_numbers\]/[var.redaction.card_numbers]/'
fault lake "what comes past the publisher goes to the event lake" lake.tf 's/local.lake_takes_all \? null : "attributes:schemaVersion"/null/'
fault lake "whole events are kept as they are" lake.tf 's/\(data\|\[\*\]\)\(\/\[\*\]\)\?\$/nothing/'
fault lake "a tag writes to the topic and nobody says what" lake.tf 's/!var.tag_writes_to_topic \|\| /true || /'
fault lake "a filter is not part of the lake's name" lake.tf 's/local.lake_takes_all \? "-all" : ""/""/'
fault drain "a drain carries no token" drain.tf 's/    oidc_token \{.*?\n    \}\n//s'
fault drain "a drain's token is for its whole address" drain.tf 's/audience( +)= local.urls\["updater"\]/audience$1= "\${local.urls["updater"]}\/drain"/'
fault drain "a drain goes in the pushes' name" drain.tf 's/account\["scheduler"\]/account["push"]/'
fault drain "the scheduler may not call the updater" run_callers.tf 's/(updater scheduler" = \{ service = )"updater"/$1"counter-tally"/'
fault drain "the updater does not know the scheduler" services.tf 's/\["push", "scheduler"\]/["push"]/'
fault drain "a drain is cut off" drain.tf 's/attempt_deadline = "\$\{local.drain_deadline\}s"/attempt_deadline = "60s"/'
fault services "a clock of the updater's own works what is held" services.tf 's/(TALARIA_HELD__DRAIN_INTERVAL = )"0s"/$1"1m"/'
fault drain "a failed drain is repeated beside the next" drain.tf 's/retry_count = 0/retry_count = 3/'
fault drain "Cloud Scheduler is not turned on" services_used.tf 's/"cloudscheduler", //'
fault drain "nobody hears of drains that fail" drain.tf 's/severity>=ERROR/severity>=EMERGENCY/'
fault telemetry "no location is said" telemetry.tf 's/,cloud.region=\$\{var.region\}//'
fault telemetry "each caller decides which traces are kept" telemetry.tf 's/"traceidratio"/"parentbased_traceidratio"/'
fault telemetry "the programs may do more than write" telemetry.tf 's/roles\/telemetry.metricsWriter/roles\/monitoring.editor/'
fault telemetry "the interface is not turned on" services_used.tf 's/local.telemetry_is_googles \? \["telemetry"\] : \[\]/[]/'
fault telemetry "another receiver's senders get rights at Google's" telemetry.tf 's/telemetry_is_googles( +)= .*/telemetry_is_googles$1= true/'
fault monitoring "a new project refuses alerts on what it has not seen" monitoring_queries.tf 's/disable_metric_validation = true/disable_metric_validation = false/'
fault monitoring "nobody is told of what is held" monitoring_queries.tf 's/"talaria.updater.held.oldest.age"/"talaria.updater.held"/'
fault monitoring "a query asks for a metric that nobody sends" monitoring_queries.tf 's/"talaria.counter.view.age"/"talaria.counter.view_age"/'
fault monitoring "a query asks for an outcome that there is not" monitoring_queries.tf 's/dead\|review\|expired/dead|review|lost/'
fault monitoring "a query adds up by what a metric does not have" monitoring_queries.tf 's/max by \(destination\) \(\{\$\{local.own.oldest/max by (route) ({\$\{local.own.oldest/'
fault monitoring "a percentile forgets the buckets" monitoring_queries.tf 's/sum by \(le, destination\)/sum by (destination)/'
fault monitoring "a query is not closed" monitoring_queries.tf 's/(max\(\{\$\{local.own.view_age\}\})\)/$1/'
fault monitoring "alerts ask for metrics that nobody sends" monitoring_queries.tf 's/local.telemetry_is_googles \? local.own_queries : \{\}/local.own_queries/'
fault monitoring "nobody is told of dead letters" monitoring.tf 's/subscription\/dead_letter_message_count/subscription\/num_undelivered_messages/'

if [ "$missed" -gt 0 ]; then
  echo "$missed faults were not shown to be caught"
  exit 1
fi
