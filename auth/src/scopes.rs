//! The smallest set of scopes, and descriptions of scopes.

use std::cmp::Reverse;
use std::collections::BTreeSet;

/// The largest group of connected scopes for which all choices are compared.
const COMPARED: usize = 16;

type Scopes<'a> = BTreeSet<&'a str>;

/// Returns the smallest set that contains a scope of each list: what a token needs if one scope of each list is enough.
///
/// Among the sets of this size, it is the one with the fewest scopes that write. The same lists in any order give the
/// same set, which is sorted. Empty lists need no scope. If more than 16 scopes are connected by the lists that contain
/// them, the set may be larger than the smallest.
#[must_use]
pub fn least_scopes<'a>(lists: impl IntoIterator<Item = impl IntoIterator<Item = &'a str>>) -> Vec<&'a str> {
    let all: BTreeSet<Scopes<'a>> = lists.into_iter().map(|list| list.into_iter().collect()).collect();
    let all = all.into_iter().filter(|list: &Scopes<'_>| !list.is_empty()).collect::<Vec<_>>();
    // A set with a scope of a list also has one of every list that contains that list.
    let narrow = all.iter().filter(|list| !all.iter().any(|other| other != *list && other.is_subset(list)));
    let mut least: Vec<_> = groups(narrow.cloned()).iter().flat_map(|group| least_of(group)).collect();
    least.sort_unstable();
    least
}

/// A group of lists that share no scope with the lists of other groups.
fn groups<'a>(lists: impl Iterator<Item = Scopes<'a>>) -> Vec<Vec<Scopes<'a>>> {
    let mut groups: Vec<Vec<Scopes<'a>>> = Vec::new();
    for list in lists {
        let is_near = |group: &Vec<Scopes<'a>>| group.iter().any(|other| !other.is_disjoint(&list));
        let (near, mut apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(is_near);
        apart.push(near.into_iter().flatten().chain([list]).collect());
        groups = apart;
    }
    groups
}

fn least_of<'a>(lists: &[Scopes<'a>]) -> Vec<&'a str> {
    let scopes: Vec<&str> = lists.iter().flatten().copied().collect::<Scopes<'a>>().into_iter().collect();
    if scopes.len() > COMPARED { few_of(lists) } else { fewest_of(lists, &scopes) }
}

/// Compares all choices.
fn fewest_of<'a>(lists: &[Scopes<'a>], scopes: &[&'a str]) -> Vec<&'a str> {
    let chosen =
        |choice: u32| scopes.iter().enumerate().filter(move |(bit, _)| choice >> bit & 1 == 1).map(|(_, s)| *s);
    let serves = |choice: &u32| lists.iter().all(|list| chosen(*choice).any(|scope| list.contains(scope)));
    let weight = |choice: &u32| {
        let writes = chosen(*choice).filter(|scope| !scope.ends_with(":read")).count();
        (choice.count_ones(), writes, chosen(*choice).collect::<Vec<_>>())
    };
    (0..1 << scopes.len()).filter(serves).min_by_key(weight).map(|choice| chosen(choice).collect()).unwrap_or_default()
}

/// Takes the scope that occurs in most lists, then the next.
fn few_of<'a>(lists: &[Scopes<'a>]) -> Vec<&'a str> {
    let mut open = lists.to_vec();
    let mut few = Vec::new();
    loop {
        let serves = |scope: &str| open.iter().filter(|list| list.contains(scope)).count();
        let weight = |scope: &&'a str| (serves(scope), scope.ends_with(":read"), Reverse(*scope));
        let Some(best) = open.iter().flatten().copied().max_by_key(weight) else { break };
        open.retain(|list| !list.contains(best));
        few.push(best);
    }
    few
}

/// Returns a description of a scope for people who grant it: `Read products` for `products:read`.
#[must_use]
pub fn scope_name(scope: &str) -> String {
    match scope {
        "openid" => return "Sign in with OpenID Connect".to_owned(),
        "profile" => return "Read the profile".to_owned(),
        "email" => return "Read the email address".to_owned(),
        _ => {}
    }
    let words = |text: &str| text.replace(['_', ':'], " ");
    match scope.rsplit_once(':') {
        Some((what, "read")) => format!("Read {}", words(what)),
        Some((what, "write")) => format!("Create and change {}", words(what)),
        _ => words(scope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn least(lists: &[&[&'static str]]) -> Vec<&'static str> {
        least_scopes(lists.iter().map(|list| list.iter().copied()))
    }

    #[test]
    fn alone_reading_is_enough_and_beside_writing_it_is_not_asked_for() {
        assert_eq!(least(&[&["a:write", "a:read"]]), ["a:read"]);
        assert_eq!(least(&[&["a:read", "a:write"], &["a:write"]]), ["a:write"]);
        assert_eq!(least(&[&["a:read", "a:write"], &["b:write", "b:read"], &["a:write"]]), ["a:write", "b:read"]);
    }

    #[test]
    fn what_asks_for_nothing_gets_nothing() {
        assert_eq!(least(&[]), [""; 0]);
        assert_eq!(least(&[&[], &["a:read"], &[]]), ["a:read"]);
    }

    #[test]
    fn no_smaller_set_will_do() {
        // An algorithm that takes the most frequent scope (c) first needs three.
        let lists: [&[&str]; 6] = [&["a", "c"], &["a", "c"], &["b", "c"], &["a", "d"], &["b", "e"], &["b", "c", "f"]];
        assert_eq!(least(&lists), ["a", "b"]);
        assert_eq!(
            least(&[&["a:write", "b:read"], &["b:read", "c:write"], &["a:write", "c:write"]]),
            ["a:write", "b:read"]
        );
    }

    #[test]
    fn the_order_of_the_lists_changes_nothing() {
        let lists: [&[&str]; 3] = [&["b:read", "a:read"], &["c:read", "b:read"], &["d:read", "c:read"]];
        let mut turned = lists;
        for _ in 0..3 {
            turned.rotate_left(1);
            assert_eq!(least(&turned), least(&lists));
        }
    }

    #[test]
    fn where_many_hang_together_each_list_is_still_served() {
        let names: Vec<String> = (0..40).map(|index| format!("s{index:02}")).collect();
        let lists: Vec<Vec<&str>> = names.windows(2).map(|pair| pair.iter().map(String::as_str).collect()).collect();
        let few = least_scopes(lists.iter().map(|list| list.iter().copied()));
        assert!(lists.iter().all(|list| list.iter().any(|scope| few.contains(scope))), "{few:?}");
        assert!(few.len() < 40);
    }

    #[test]
    fn scopes_have_names_for_people() {
        assert_eq!(scope_name("customer_sessions:write"), "Create and change customer sessions");
        assert_eq!(scope_name("organization_access_tokens:read"), "Read organization access tokens");
        assert_eq!(scope_name("openid"), "Sign in with OpenID Connect");
        assert_eq!(scope_name("of_tomorrow:try"), "of tomorrow try");
    }
}
