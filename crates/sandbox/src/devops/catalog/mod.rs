//! Processes: which work item types a project has, with their states and rules.
//!
//! Three are the service's own (Agile, Scrum, Basic); the fourth is one that a customer has
//! inherited from Agile and given a required field of their own, as most real ones have.

mod agile;
mod basic;
pub mod fields;
mod scrum;
mod support;

/// A process.
#[derive(Debug)]
pub struct Process {
    /// Its id; those of the service's own processes are the same everywhere.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Made by a customer, from another.
    pub inherited: bool,
    /// The types of work item.
    pub types: &'static [ItemType],
}

/// A work item type.
#[derive(Debug)]
pub struct ItemType {
    /// `User Story`.
    pub name: &'static str,
    /// `Microsoft.VSTS.WorkItemTypes.UserStory`.
    pub reference: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Colour, as six hexadecimal digits.
    pub color: &'static str,
    /// Name of its icon.
    pub icon: &'static str,
    /// Where it stands in the backlogs.
    pub category: Category,
    /// The states, in order; the first is that of a new item.
    pub states: &'static [State],
    /// The rules of its fields beyond those that every type has, in groups.
    pub rules: &'static [&'static [Rule]],
}

/// The group of types that backlogs and reports treat alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Portfolio level two.
    Epic,
    /// Portfolio level one.
    Feature,
    /// What a team delivers.
    Requirement,
    /// The work to do so.
    Task,
    /// What went wrong.
    Bug,
    /// Anything in the way; on no backlog.
    Issue,
    /// A test; only the test tools may delete it.
    TestCase,
}

impl Category {
    /// All, in the order of the answer.
    pub const ALL: [Self; 7] = [
        Self::Epic,
        Self::Feature,
        Self::Requirement,
        Self::Task,
        Self::Bug,
        Self::Issue,
        Self::TestCase,
    ];

    /// Friendly name and reference name.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Epic => ("Epic Category", "Microsoft.EpicCategory"),
            Self::Feature => ("Feature Category", "Microsoft.FeatureCategory"),
            Self::Requirement => ("Requirement Category", "Microsoft.RequirementCategory"),
            Self::Task => ("Task Category", "Microsoft.TaskCategory"),
            Self::Bug => ("Bug Category", "Microsoft.BugCategory"),
            Self::Issue => ("Issue Category", "Microsoft.IssueCategory"),
            Self::TestCase => ("Test Case Category", "Microsoft.TestCaseCategory"),
        }
    }
}

/// One state of a type.
#[derive(Debug)]
pub struct State {
    /// `Active`.
    pub name: &'static str,
    /// Colour, as six hexadecimal digits.
    pub color: &'static str,
    /// What the state means, whatever its name.
    pub category: StateCategory,
    /// The reason given when an item enters it and nobody says why.
    pub reason: &'static str,
    /// The states an item may go to from here.
    pub next: &'static [&'static str],
}

/// What a state means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StateCategory {
    /// Not begun.
    Proposed,
    /// Begun.
    InProgress,
    /// Done, not yet verified.
    Resolved,
    /// Done.
    Completed,
    /// Dropped.
    Removed,
}

impl StateCategory {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "Proposed",
            Self::InProgress => "InProgress",
            Self::Resolved => "Resolved",
            Self::Completed => "Completed",
            Self::Removed => "Removed",
        }
    }
}

/// What a type demands of a field.
#[derive(Debug)]
pub struct Rule {
    /// The field's reference name.
    pub field: &'static str,
    /// An item without a value is refused.
    pub required: bool,
    /// The value of a new item.
    pub default: Option<&'static str>,
    /// The only values taken; empty for any.
    pub allowed: &'static [&'static str],
}

const fn plain(field: &'static str) -> Rule {
    Rule { field, required: false, default: None, allowed: &[] }
}

const fn required(field: &'static str) -> Rule {
    Rule { field, required: true, default: None, allowed: &[] }
}

const fn choice(field: &'static str, allowed: &'static [&'static str]) -> Rule {
    Rule { field, required: false, default: None, allowed }
}

const fn preset(
    field: &'static str,
    default: &'static str,
    allowed: &'static [&'static str],
) -> Rule {
    Rule { field, required: true, default: Some(default), allowed }
}

const fn state(
    name: &'static str,
    category: StateCategory,
    reason: &'static str,
    next: &'static [&'static str],
) -> State {
    let color = match category {
        StateCategory::Proposed => "b2b2b2",
        StateCategory::InProgress => "007acc",
        StateCategory::Resolved => "ff9d00",
        StateCategory::Completed => "339933",
        StateCategory::Removed => "ffffff",
    };
    State { name, color, category, reason, next }
}

const PRIORITIES: &[&str] = &["1", "2", "3", "4"];
const SEVERITIES: &[&str] = &["1 - Critical", "2 - High", "3 - Medium", "4 - Low"];
const VALUE_AREAS: &[&str] = &["Architectural", "Business"];
const RISKS: &[&str] = &["1 - High", "2 - Medium", "3 - Low"];
const ACTIVITIES: &[&str] =
    &["Deployment", "Design", "Development", "Documentation", "Requirements", "Testing"];

/// A test case, the same in every process.
const TEST_CASE: ItemType = ItemType {
    name: "Test Case",
    reference: "Microsoft.VSTS.WorkItemTypes.TestCase",
    description: "Server-side data for a set of steps to be tested.",
    color: "004B50",
    icon: "icon_test_case",
    category: Category::TestCase,
    states: &[
        state("Design", StateCategory::Proposed, "New", &["Ready", "Closed"]),
        state("Ready", StateCategory::InProgress, "Completed", &["Design", "Closed"]),
        state("Closed", StateCategory::Completed, "Obsolete", &["Design", "Ready"]),
    ],
    rules: &[&[
        preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
        plain("Microsoft.VSTS.TCM.Steps"),
    ]],
};

/// The rules that every type has; the service keeps the fields of the last lines itself.
static COMMON_RULES: &[Rule] = &[
    required("System.Title"),
    required("System.State"),
    plain("System.Reason"),
    plain("System.AssignedTo"),
    required("System.AreaPath"),
    required("System.IterationPath"),
    plain("System.TeamProject"),
    plain("System.WorkItemType"),
    plain("System.Description"),
    plain("System.History"),
    plain("System.Tags"),
    plain("System.Parent"),
    plain("System.Id"),
    plain("System.Rev"),
    plain("System.AreaId"),
    plain("System.IterationId"),
    plain("System.NodeName"),
    plain("System.AreaLevel1"),
    plain("System.AreaLevel2"),
    plain("System.AreaLevel3"),
    plain("System.IterationLevel1"),
    plain("System.IterationLevel2"),
    plain("System.IterationLevel3"),
    plain("System.CreatedDate"),
    plain("System.CreatedBy"),
    plain("System.ChangedDate"),
    plain("System.ChangedBy"),
    plain("System.AuthorizedDate"),
    plain("System.AuthorizedAs"),
    plain("System.RevisedDate"),
    plain("System.Watermark"),
    plain("System.CommentCount"),
    plain("Microsoft.VSTS.Common.StateChangeDate"),
    plain("Microsoft.VSTS.Common.ActivatedDate"),
    plain("Microsoft.VSTS.Common.ActivatedBy"),
    plain("Microsoft.VSTS.Common.ResolvedDate"),
    plain("Microsoft.VSTS.Common.ResolvedBy"),
    plain("Microsoft.VSTS.Common.ClosedDate"),
    plain("Microsoft.VSTS.Common.ClosedBy"),
];

/// Every process there is.
pub static PROCESSES: [&Process; 4] =
    [&agile::PROCESS, &scrum::PROCESS, &basic::PROCESS, &support::PROCESS];

/// The process of this name.
pub fn named(name: &str) -> Option<&'static Process> {
    PROCESSES.into_iter().find(|process| process.name == name)
}

impl Process {
    /// The type of this name, in any letter case.
    pub fn item_type(&self, name: &str) -> Option<&'static ItemType> {
        self.types.iter().find(|item_type| item_type.name.eq_ignore_ascii_case(name))
    }
}

impl ItemType {
    /// The rules of all its fields, its own first.
    pub fn all_rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.rules.iter().copied().flatten().chain(COMMON_RULES)
    }

    /// The rule of one field, when the type has that field.
    pub fn rule(&self, field: &str) -> Option<&'static Rule> {
        self.all_rules().find(|rule| rule.field == field)
    }

    /// The state of this name, in any letter case.
    pub fn state(&self, name: &str) -> Option<&'static State> {
        self.states.iter().find(|state| state.name.eq_ignore_ascii_case(name))
    }
}
