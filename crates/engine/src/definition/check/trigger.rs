//! What is wrong with a trigger.

use serde_json::{Map, Value};

use super::Checker;
use super::step::{dotted, sentence};
use crate::definition::{Expected, Schedule, Trigger, WebhookLevel, WebhookProof, WebhookTrigger};
use crate::expression::{Place, Scope, Template};
use crate::triggers::schedule;

impl Checker<'_> {
    pub(super) fn trigger(&mut self) {
        match &self.definition.trigger {
            Trigger::Scheduler(schedule) => self.schedule(schedule),
            Trigger::AppEvent { event } => self.filled("trigger.event", event),
            Trigger::Request(request) => {
                self.expected("trigger.headers", &request.headers);
                self.expected("trigger.body", &request.body);
                self.expected("trigger.params", &request.params);
            }
            Trigger::Integration { trigger, input } => self.happening(trigger, input),
            Trigger::IntegrationEnabled {} => {
                self.needs_integration("trigger");
            }
            Trigger::Webhook(webhook) => self.webhook(webhook),
        }
    }

    fn filled(&mut self, path: &str, text: &str) {
        if text.trim().is_empty() {
            self.problem(path, "This must not be empty.");
        }
    }

    fn schedule(&mut self, schedule: &Schedule) {
        for found in schedule::check(schedule) {
            self.problem(format!("trigger.{}", found.path), found.message);
        }
    }

    fn happening(&mut self, key: &str, input: &Map<String, Value>) {
        let Some(offered) = self.needs_integration("trigger") else { return };
        let Some(known) = offered.connector.trigger(key) else {
            let keys: Vec<&str> = offered.connector.triggers().iter().map(|one| one.key).collect();
            let known = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
            let message = format!("There is no trigger \"{key}\"; known triggers: {known}.");
            return self.problem("trigger.trigger", message);
        };
        let scope = Scope { user: true, account: true, ..Scope::default() };
        let inputs = Value::Object(input.clone());
        match Template::compile_at("trigger.input", &inputs, &scope, Place::Output) {
            Ok(_) => {
                for fault in connectors::descriptor::validate_template(&known.inputs, &inputs) {
                    let place = format!("trigger.input{}", dotted(&fault.path));
                    self.problem(place, sentence(&fault.message));
                }
            }
            Err(found) => {
                for problem in found {
                    self.problem(problem.path, problem.message);
                }
            }
        }
    }

    fn expected(&mut self, path: &str, expected: &[Expected]) {
        for (position, one) in expected.iter().enumerate() {
            let place = format!("{path}[{position}].key");
            self.filled(&place, &one.key);
            if expected[..position].iter().any(|earlier| earlier.key == one.key) {
                self.problem(place, "This is expected already.");
            }
        }
    }

    fn webhook(&mut self, webhook: &WebhookTrigger) {
        self.needs_integration("trigger");
        let (header, secret) = match &webhook.proof {
            WebhookProof::Hmac { header, secret, .. } | WebhookProof::Token { header, secret } => {
                (header, secret)
            }
        };
        self.filled("trigger.proof.header", header);
        self.filled("trigger.proof.secret", secret);
        let path = webhook.account_path.as_deref().unwrap_or_default();
        if webhook.level == WebhookLevel::App && path.trim().is_empty() {
            let message = "One address serves all accounts: say where in the body the account's \
                           provider id stands.";
            self.problem("trigger.account_path", message);
        }
    }
}
