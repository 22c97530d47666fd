//! How steps follow each other: which are reached, whether they go in circles, and which belong to
//! the body of a fan out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Definition, Problem, Step};
use crate::steps::StepKind;

/// The order of a definition's steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// For each step that is reached, the fan outs in whose bodies it stands, the outermost first.
    pub bodies: BTreeMap<String, Vec<String>>,
    /// For each step that is reached, the steps that may have run before it, on its path or in the
    /// bodies of fan outs that have ended by then.
    pub before: BTreeMap<String, BTreeSet<String>>,
    /// The steps that are reached in the order in which people read them: each before those it
    /// leads to, the body of a fan out right after it.
    pub order: Vec<String>,
}

/// Where a step leads in its own path: the names of the members, and the steps they name.
pub(crate) fn exits(step: &Step) -> Vec<(&'static str, &str)> {
    let (when_true, when_false) = match &step.kind {
        StepKind::Conditional(conditional) => (&conditional.when_true, &conditional.when_false),
        _ => (&None, &None),
    };
    [("when_true", when_true), ("when_false", when_false), ("next", &step.next)]
        .into_iter()
        .filter_map(|(name, key)| Some((name, key.as_deref()?)))
        .collect()
}

impl Graph {
    /// Follows the steps from the start, and names what is wrong with their order.
    pub fn of(definition: &Definition, problems: &mut Vec<Problem>) -> Self {
        let on_path = BTreeSet::new();
        let mut walk = Walk { definition, graph: Self::default(), on_path, problems };
        match definition.start.as_deref() {
            Some(start) => {
                walk.path("start", start, &[], &BTreeSet::new());
            }
            None if !definition.steps.is_empty() => {
                let message = "Name the first step: nothing leads to any of the steps.";
                walk.problem("start", message);
            }
            None => {}
        }
        let Walk { graph, problems, .. } = walk;
        for key in definition.steps.keys().filter(|key| !graph.bodies.contains_key(*key)) {
            let message = "No step leads here: name it in another step's \"next\", or remove it.";
            problems.push(Problem::new(format!("steps.{key}"), message));
        }
        graph
    }
}

struct Walk<'d> {
    definition: &'d Definition,
    graph: Graph,
    /// The steps between the start and here.
    on_path: BTreeSet<String>,
    problems: &'d mut Vec<Problem>,
}

impl Walk<'_> {
    fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(path, message));
    }

    /// Walks a path, the whole one or that of a body, from the step that `member` names. Answers all
    /// the steps that may run on it, with those of bodies. Each step is looked at once, however many
    /// ways lead to it.
    fn path(
        &mut self,
        member: &str,
        start: &str,
        bodies: &[String],
        before: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let mut ended = Vec::new();
        self.visit(member, start, bodies, &mut ended);
        if let Some(first) = self.graph.before.get_mut(start) {
            first.extend(before.iter().cloned());
        }
        let mut reached = BTreeSet::new();
        // A step ended after all that it leads to had, so that this way round it comes before them.
        for key in ended.into_iter().rev() {
            let step = &self.definition.steps[&key];
            let mut after = self.graph.before[&key].clone();
            after.insert(key.clone());
            reached.insert(key.clone());
            self.graph.order.push(key.clone());
            if let StepKind::FanOut(fan_out) = &step.kind {
                let inner = [bodies, std::slice::from_ref(&key)].concat();
                self.on_path.insert(key.clone());
                let member = format!("steps.{key}.each");
                let body = self.path(&member, &fan_out.each, &inner, &after);
                self.on_path.remove(&key);
                after.extend(body.iter().cloned());
                reached.extend(body);
            }
            for (_, next) in exits(step) {
                if self.graph.bodies.get(next).is_some_and(|known| known == bodies) {
                    let known = self.graph.before.entry(next.to_owned()).or_default();
                    known.extend(after.iter().cloned());
                }
            }
        }
        reached
    }

    /// Goes to the step that `member` names, and on to all that follow it on its path.
    fn visit(&mut self, member: &str, key: &str, bodies: &[String], ended: &mut Vec<String>) {
        let Some(step) = self.definition.steps.get(key) else {
            self.problem(member, format!("There is no step \"{key}\"."));
            return;
        };
        if self.on_path.contains(key) {
            let message = format!("This leads back to \"{key}\": steps cannot go in circles.");
            self.problem(member, message);
            return;
        }
        if let Some(known) = self.graph.bodies.get(key) {
            if known != bodies {
                let message = format!(
                    "\"{key}\" belongs to another path: a step stands in the body of one fan out, \
                     or outside of all."
                );
                self.problem(member, message);
            }
            return;
        }
        self.graph.bodies.insert(key.to_owned(), bodies.to_vec());
        self.graph.before.insert(key.to_owned(), BTreeSet::new());
        self.on_path.insert(key.to_owned());
        for (name, next) in exits(step).into_iter().rev() {
            self.visit(&format!("steps.{key}.{name}"), next, bodies, ended);
        }
        self.on_path.remove(key);
        ended.push(key.to_owned());
    }
}
