//! The queries that every sample project shares.

use base::Timestamp;
use uuid::Uuid;

use crate::devops::queries::tree::SavedQuery;
use crate::devops::state::derived_id;

/// Folder, name and text of each; no folder is the first one.
const QUERIES: [(&str, &str, &str); 4] = [
    (
        "",
        "Assigned to me",
        "SELECT [System.Id], [System.Title], [System.State] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.AssignedTo] = @Me ORDER BY [System.ChangedDate] DESC",
    ),
    (
        "",
        "Changed in the last week",
        "SELECT [System.Id], [System.WorkItemType], [System.Title], [System.ChangedDate] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.ChangedDate] >= @Today - 7 ORDER BY [System.ChangedDate] DESC",
    ),
    (
        "Team",
        "Open bugs",
        "SELECT [System.Id], [System.Title], [System.State] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.WorkItemType] IN GROUP 'Microsoft.BugCategory' AND NOT [System.State] IN ('Closed', 'Done') ORDER BY [System.CreatedDate]",
    ),
    (
        "Team",
        "Work and what is below it",
        "SELECT [System.Id], [System.WorkItemType], [System.Title] FROM WorkItemLinks WHERE [Source].[System.TeamProject] = @project AND [System.Links.LinkType] = 'System.LinkTypes.Hierarchy-Forward' AND [Target].[System.TeamProject] = @project MODE (Recursive)",
    ),
];

/// The shared queries of a project that its first administrator made.
pub fn shared(key: &str, people: &[Uuid], at: Timestamp) -> Vec<SavedQuery> {
    let by = people.first().map(|account| (*account, at));
    let node = |name: &str, wiql| {
        SavedQuery::new(derived_id(&format!("query {key} {name}")), name, wiql, by)
    };
    let mut shared: Vec<SavedQuery> = Vec::new();
    for (folder, name, wiql) in QUERIES {
        let query = node(name, Some(wiql));
        if folder.is_empty() {
            shared.push(query);
            continue;
        }
        match shared.iter_mut().find(|one| one.name == folder) {
            Some(present) => present.children.push(query),
            None => {
                let children = vec![query];
                shared.push(SavedQuery { children, ..node(folder, None) });
            }
        }
    }
    shared
}
