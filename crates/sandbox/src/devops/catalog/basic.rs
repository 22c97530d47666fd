//! Basic: Epic, Issue, Task.

use super::{
    ACTIVITIES, Category, ItemType, PRIORITIES, Process, State, StateCategory, TEST_CASE, choice,
    plain, preset, state,
};

pub(super) static PROCESS: Process = Process {
    id: "b8a3a935-7e91-48b8-a94c-606d37c3e9f2",
    name: "Basic",
    description: "This template is flexible for any process and great for teams getting started with Azure DevOps.",
    inherited: false,
    types: &[EPIC, ISSUE, TASK, TEST_CASE],
};

const STATES: &[State] = &[
    state("To Do", StateCategory::Proposed, "Added to backlog", &["Doing", "Done"]),
    state("Doing", StateCategory::InProgress, "Started", &["To Do", "Done"]),
    state("Done", StateCategory::Completed, "Completed", &["To Do", "Doing"]),
];

const EPIC: ItemType = ItemType {
    name: "Epic",
    reference: "Microsoft.VSTS.WorkItemTypes.Epic",
    description: "Epics help teams effectively manage and groom their product backlog",
    color: "E06C00",
    icon: "icon_crown",
    category: Category::Epic,
    states: STATES,
    rules: &[&[
        preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
        plain("Microsoft.VSTS.Common.StackRank"),
        plain("Microsoft.VSTS.Scheduling.StartDate"),
        plain("Microsoft.VSTS.Scheduling.TargetDate"),
    ]],
};

const ISSUE: ItemType = ItemType {
    name: "Issue",
    reference: "Microsoft.VSTS.WorkItemTypes.Issue",
    description: "Tracks an activity the user will be able to perform with the product",
    color: "009CCC",
    icon: "icon_sticky_note",
    category: Category::Requirement,
    states: STATES,
    rules: &[&[
        preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
        plain("Microsoft.VSTS.Common.StackRank"),
        plain("Microsoft.VSTS.Scheduling.Effort"),
    ]],
};

const TASK: ItemType = ItemType {
    name: "Task",
    reference: "Microsoft.VSTS.WorkItemTypes.Task",
    description: "Tracks work that needs to be done.",
    color: "A4880A",
    icon: "icon_clipboard",
    category: Category::Task,
    states: STATES,
    rules: &[&[
        preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
        choice("Microsoft.VSTS.Common.Activity", ACTIVITIES),
        plain("Microsoft.VSTS.Common.StackRank"),
        plain("Microsoft.VSTS.Scheduling.RemainingWork"),
    ]],
};
