//! `crash_everywhere`: a workflow of every kind of step, whose process dies at every moment that
//! matters in turn. Another one takes over, and in the end nothing shows that anybody died.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, ConnectedUserId, CredentialId, ExecutionId, Random, Secret, Timestamp};
use connect::{ConnectConfig, InstallOptions, ProfileAddress};
use engine::effects::World;
use engine::journal::Event;
use engine::mortality::Mortality;
use engine::runner::{NODE_LEASE, RunnerConfig, Start};
use sandbox::faults::{Fault, FaultAnswer};
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use store::executions::Status;
use store::testing::{TestDatabase, engines, host};
use store::{Engine, Store};

use crate::bed::{Bed, add_project, connect};
use crate::far_side::{Answer, FarSide};
use crate::guests;

/// More than any run of the workflow has.
const MOMENTS_MAX: usize = 200;

fn every_kind_of_step(far_side: &FarSide) -> Value {
    json!({
        "key": "everything", "name": "Everything", "integration": "azuredevops",
        "trigger": {"kind": "request"}, "start": "make",
        "steps": {
            "make": {"kind": "action", "action": "create_work_item", "next": "look", "input": {
                "project": "Storefront", "type": "Task", "title": "Made by {{ user.id }}"}},
            "look": {"kind": "integration_request", "next": "compute",
                "path": "/wit/workitems/{{ steps.make.output.id }}?api-version=7.1"},
            "compute": {"kind": "function", "next": "choose",
                "source": "export default (params) => ({ twice: params.n * 2, items: [1, 2] })",
                "params": {"n": "{{ trigger.n }}"}},
            "choose": {"kind": "conditional", "when_true": "fan", "condition": {"any": [{"all": [
                {"left": "{{ steps.compute.output.twice }}", "operator": "number_equals", "right": 42}]}]}},
            "fan": {"kind": "fan_out", "items": "{{ steps.compute.output.items }}", "parallel": 2,
                "each": "tell", "next": "wait"},
            "tell": {"kind": "request", "method": "POST", "url": far_side.url("/told"),
                "body": {"type": "json", "content": {"item": "{{ item }}"}}},
            "wait": {"kind": "delay", "amount": 1, "unit": "seconds", "next": "answer"},
            "answer": {"kind": "response", "body": {"told": "{{ steps.tell.output }}"}},
        },
    })
}

struct Yard {
    bed: Bed,
    sandbox: Sandbox,
    far_side: FarSide,
    start: Start,
}

impl Yard {
    async fn on(engine: Engine, mortality: Mortality) -> Self {
        let clock = Clock::test(Timestamp::from_secs(1_790_000_000));
        let random = Random::seeded(5);
        let sandbox = Sandbox::start(Options::in_memory(clock.clone(), Random::seeded(7)));
        let sandbox = sandbox.await.expect("the sandbox starts");
        let far_side = FarSide::answering(Answer::json(200, r#"{"ok":true}"#)).await;
        let database = TestDatabase::fresh(engine).await;
        let store = Store::open(&database.url).await.expect("the store opens");
        let catalogue = Arc::new(connectors::catalogue().expect("the catalogue is sound"));
        let settings = settings(&sandbox);
        let connect = connect(&store, &clock, &random, &catalogue, settings);
        let functions = guests::pool(&clock, &random);
        let world = World { store, connect, catalogue, functions, clock, random, mortality };
        let project_id = add_project(&world).await;
        let (user_id, credential_id) = add_account(&world, &sandbox, project_id).await;
        let bed = Bed::over(world, project_id, database, RunnerConfig::default()).await;
        let workflow = bed.deploy(every_kind_of_step(&far_side)).await;
        let start = Start {
            user_id: Some(user_id),
            credential_id: Some(credential_id),
            ..bed.start(workflow, json!({"n": 21}))
        };
        Self { bed, sandbox, far_side, start }
    }

    /// Runs until the execution ends or the process dies.
    async fn run(&self) {
        let work = async {
            self.bed.begin(self.start.clone()).await;
            self.bed.settle().await;
            self.bed.pass(Duration::from_secs(1)).await;
        };
        let mortality = self.bed.mortality().clone();
        tokio::select! {
            () = work => {}
            () = mortality.over() => {}
        }
    }

    /// Another process takes over and brings everything to its end.
    async fn take_over(&mut self) {
        self.bed.reborn(Mortality::default()).await;
        self.bed.clock.advance(NODE_LEASE + Duration::from_secs(1));
        self.bed.runner.stay().await.expect("it takes over");
        self.bed.settle().await;
        self.bed.pass(Duration::from_secs(1)).await;
    }

    async fn executions(&self) -> Vec<ExecutionId> {
        self.bed.executions().await
    }
}

fn settings(sandbox: &Sandbox) -> ConnectConfig {
    let mut settings = ConnectConfig::new("http://localhost:8080");
    settings.profile = "development".to_owned();
    settings.outbound.allow = vec!["127.0.0.1".to_owned()];
    let address = ProfileAddress {
        browser_origin: sandbox.http_url().expect("an address"),
        socket: sandbox.https_addresses()[0],
        ca_pem: sandbox.ca_pem().to_owned(),
    };
    settings.profile_addresses = [("development".to_owned(), address)].into();
    settings
}

async fn add_account(
    world: &World,
    sandbox: &Sandbox,
    project_id: base::ProjectId,
) -> (ConnectedUserId, CredentialId) {
    let mut tx = world.store.begin().await.expect("a transaction");
    let around = (&world.clock, &world.random);
    let kind = ("azuredevops", Vec::new());
    let (user, integration) = host::add_user(&mut tx, around, project_id, kind).await;
    tx.commit().await.expect("a commit");
    let ann = sandbox.world().directory.person("ann").expect("Ann");
    let token = ann.pat("acme").expect("a token").to_owned();
    let fields = [("organization", "acme".to_owned()), ("token", token)]
        .map(|(id, value)| (id.to_owned(), Secret::new(value)))
        .into();
    let options =
        InstallOptions { account_type: Some("pat".to_owned()), ..InstallOptions::default() };
    let credential = world.connect.connect_with_fields(&integration, user.id, fields, &options);
    (user.id, credential.await.expect("an account"))
}

/// What must be true whenever the process died.
async fn check(yard: &Yard, moment: usize) {
    let executions = yard.executions().await;
    for id in &executions {
        let execution = yard.bed.execution(*id).await;
        let journal = yard.bed.journal(*id).await;
        assert_eq!(execution.status, Status::Succeeded, "moment {moment}: {journal}");
    }
    let made: Vec<_> = yard.sandbox.world().requests.list();
    let made = made
        .iter()
        .filter(|request| request.method == "POST" && request.target.contains("/workitems/$Task"));
    assert_eq!(made.count(), executions.len(), "moment {moment}: work items made");
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for call in yard.far_side.seen() {
        let key = call.header("idempotency-key").expect("each call has its key").to_owned();
        *told.entry(key).or_default() += 1;
    }
    assert_eq!(told.len(), 2 * executions.len(), "moment {moment}: {told:?}");
    assert!(told.values().all(|times| *times <= 2), "moment {moment}: {told:?}");
    for id in executions {
        let (_, events) =
            yard.bed.runner.history(yard.bed.project_id, id).await.expect("a history");
        let mut ended: Vec<String> = events
            .iter()
            .filter_map(|event| match event {
                Event::StepFinished { step, .. } | Event::Responded { step, .. } => {
                    Some(step.to_string())
                }
                _ => None,
            })
            .collect();
        ended.sort();
        let each_once = [
            "answer",
            "choose",
            "compute",
            "fan",
            "fan[0].tell",
            "fan[1].tell",
            "look",
            "make",
            "wait",
        ];
        assert_eq!(ended, each_once, "moment {moment}");
    }
}

#[tokio::test]
async fn crash_everywhere() {
    for engine in engines() {
        for moment in 0..MOMENTS_MAX {
            let mut yard = Yard::on(engine, Mortality::after(moment)).await;
            yard.run().await;
            let is_over = yard.bed.mortality().is_over();
            if is_over {
                yard.take_over().await;
            }
            check(&yard, moment).await;
            if !is_over {
                assert!(moment > 20, "it had only {moment} moments");
                break;
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_told_to_wait_while_looking_for_what_was_made_looks_again() {
    for engine in engines() {
        for moment in 0..MOMENTS_MAX {
            let mut yard = Yard::on(engine, Mortality::after(moment)).await;
            yard.run().await;
            if !yard.bed.mortality().is_over() {
                break;
            }
            yard.sandbox.world().faults.order(Fault {
                path_contains: Some("/wiql".to_owned()),
                answer: Some(FaultAnswer {
                    status: 429,
                    headers: [("retry-after".to_owned(), "5".to_owned())].into(),
                    body: String::new(),
                }),
                ..Fault::default()
            });
            yard.take_over().await;
            for _ in 0..3 {
                yard.bed.pass(Duration::from_secs(5)).await;
            }
            check(&yard, moment).await;
        }
    }
}
