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
fault services "limits are divided by another number of instances" services.tf 's/tostring\(var.services.updater.max_instances\)/"1"/'
fault services "a probe asks an address that Cloud Run keeps" run.tf 's/\["\/health\/live"\]/["\/healthz"]/'
fault routes "the routes file follows its latest version" run.tf 's/version = google_secret_manager_secret_version.routes.version/version = "latest"/'
fault store "nothing is ever forgotten" firestore.tf 's/try\(each.value.ttl, false\)/false/'
fault store "a collection lost its TTL policy" ../firestore/firestore.indexes.json 's/("markers", "fieldPath": "expires_at"), "ttl": true/$1/'
fault store "everything is indexed" firestore.tf 's/index_config \{.*?\n  \}\n/dynamic "index_config" {\n    for_each = []\n    content {}\n  }\n/s'
fault store "browsers read everything" firestore.rules 's/if false/if true/'
fault access "the database's rights hold for the whole project" accounts.tf 's/databases\/\$\{google_firestore_database.store.name\}/databases\//'
fault store "the event lake is on" lake.tf 's/default = null/default = { location = "EU", events_hold_no_personal_data = true }/'
fault monitoring "nobody is told of dead letters" monitoring.tf 's/subscription\/dead_letter_message_count/subscription\/num_undelivered_messages/'

if [ "$missed" -gt 0 ]; then
  echo "$missed faults were not shown to be caught"
  exit 1
fi
