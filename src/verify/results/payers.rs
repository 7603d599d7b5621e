//! Who pays for what: treatments and their prices belong together.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::subject::Subject;
use super::super::tally::{Tally, arms};
use arcosim_core::model::reward_lines::RewardAt;
use arcosim_core::model::{AttributeKind, Model, Reward, Share, Strategy};
use arcosim_scenario::parameters::Kind;

/// Why checks of who pays are skipped.
const NOTHING: &str = "no outcome counts money: there is no [decision], and costs add to none or several";

/// Rewards of the cost that strategies get, each as a sorted list of strategies; those that everybody gets are left out.
fn own_costs<'m>(model: &'m Model, cost: usize) -> impl Iterator<Item = (&'m Reward, &'m [usize])> {
    let limited = move |r: &'m Reward| Some((r, &r.strategies.as_ref()?[..]));
    model.rewards.iter().filter(move |r| r.outcome(model) == cost).filter_map(limited)
}

/// What a strategy replaces or brings into play that has a price.
fn replaces_price(subject: &Subject, strategy: &Strategy) -> bool {
    strategy.substitutions.iter().any(|(p, _)| subject.kind(*p) == Kind::Cost)
}

pub static R32: Check = Check {
    id: "R32",
    title: "Who gets a treatment pays for it, and who pays gets one",
    why: "A strategy that changes hazards or quality of life has a cost of its own, unless what it changes is how often something \
          that has a price is done; and a strategy with a cost of its own changes something. Otherwise a price was \
          forgotten, or falls to the wrong strategy.",
    hint: "Look at `strategies` of the rewards that add to the cost.",
    basis: "own",
    quick: true,
    run: r32,
};

fn r32(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(cost) = subject.cost() else {
        return Verdict::skip(NOTHING);
    };
    let reference = model.reference();
    let mut tally = Tally::new("effects and costs of their own go together", 0.0);
    for (s, strategy) in model.strategies.iter().enumerate().filter(|(s, _)| *s != reference) {
        let own_price = |(_, own): (&Reward, &[usize])| own.contains(&s) && !own.contains(&reference);
        let pays = own_costs(model, cost).any(own_price);
        let priced = pays || replaces_price(subject, strategy);
        let gains = model
            .rewards
            .iter()
            .any(|r| r.outcome(model) != cost && r.given_under(s) != r.given_under(reference));
        let substitutes = strategy.substitutions.iter().any(|(p, _)| subject.kind(*p) != Kind::Cost);
        let acts = !strategy.effects.is_empty() || substitutes || !strategy.at_start.is_empty() || gains;
        let name = &strategy.name;
        if acts && !strategy.bound {
            tally.advisable(name, priced || consumes(subject, strategy, cost), || {
                format!("`{name}` changes what happens to patients, and has no cost of its own")
            });
        }
        if pays {
            tally.advisable(name, acts || strategy.otherwise.is_some(), || {
                format!("`{name}` has a cost of its own, and changes neither hazards nor quality of life")
            });
        }
    }
    // A reference that does something, among others that do nothing, is hardly the comparator.
    let plain = |s: usize| {
        let one = &model.strategies[s];
        let pays = own_costs(model, cost).any(|(_, own)| own.contains(&s));
        !pays && one.effects.is_empty() && one.substitutions.is_empty() && one.at_start.is_empty()
    };
    let others: Vec<usize> = (0..model.strategies.len()).filter(|&s| s != reference).collect();
    if !others.is_empty() {
        let name = &model.strategies[reference].name;
        let fine = plain(reference) || !others.iter().all(|&s| plain(s));
        tally.advisable(name, fine, || {
            format!(
                "the reference `{name}` is the only strategy that does or costs anything of its own: is it the comparator, and not {}?",
                arms(model, &others)
            )
        });
    }
    tally.verdict("there is nothing but the reference")
}

/// Whether what a strategy replaces is read by a transition that has a price, or its procedure moves patients with one: it
/// changes how often something is paid for that everybody can get.
fn consumes(subject: &Subject, strategy: &Strategy, cost: usize) -> bool {
    let model = subject.model;
    let priced = |t: usize| {
        subject.paths.lines.iter().any(|line| match line.at {
            RewardAt::Edge(e) => line.outcome(model) == cost && subject.paths.edges[e].transition == t,
            _ => false,
        })
    };
    let reads = |t: usize| {
        let mut found = false;
        model.transitions[t].expressions(&mut |e| {
            let own = parameters_in(e, None);
            found |= strategy.substitutions.iter().any(|(p, _)| own.contains(p));
        });
        found
    };
    let moves = |r: &Reward| r.outcome(model) == cost && r.when.may_pay_for_moves_of(&strategy.at_start);
    (0..model.transitions.len()).any(|t| reads(t) && priced(t)) || model.rewards.iter().any(moves)
}

pub static R33: Check = Check {
    id: "R33",
    title: "What is named after a strategy is paid under that strategy",
    why: "A reward of the cost, or the price it reads, that carries the name of a strategy and is limited to others was probably \
          given to the wrong one: the comparator pays for the intervention.",
    hint: "Look at `strategies` of the reward that is named.",
    basis: "own",
    quick: true,
    run: r33,
};

fn r33(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(cost) = subject.cost() else {
        return Verdict::skip(NOTHING);
    };
    let mut tally = Tally::new("strategies pay what bears their name", 0.0);
    let words = |name: &str| -> Vec<String> {
        name.to_lowercase().split(['.', '_', '-', ' ']).map(str::to_string).collect()
    };
    // A strategy that has the name of a state, group, category or transition: a price with that name may be of either.
    let categories = model.attributes.iter().flat_map(|a| match &a.kind {
        AttributeKind::Categorical { categories, .. } => &categories[..],
        AttributeKind::Continuous(_) => &[],
    });
    let others = model.groups.iter().map(|g| &g.name);
    let others: Vec<&String> =
        others.chain(model.transitions.iter().map(|t| &t.name)).chain(categories).collect();
    let of_its_own = |s: &usize| !others.contains(&&model.strategies[*s].name);
    // A name of several words stands in another if all of them follow each other there.
    let within = |name: &str, of: &str| {
        let (name, of) = (words(name), words(of));
        of.windows(name.len().max(1)).any(|part| part == name)
    };
    for (reward, own) in own_costs(model, cost) {
        let prices = parameters_in(&reward.amount, None);
        let prices = prices.into_iter().filter(|&p| subject.kind(p) == Kind::Cost);
        let mut names: Vec<&str> = prices.map(|p| &model.parameters[p].name[..]).collect();
        names.push(&reward.name);
        let named: Vec<usize> = (0..model.strategies.len())
            .filter(of_its_own)
            .filter(|&s| names.iter().any(|name| within(&model.strategies[s].name, name)))
            .collect();
        // A name within a longer one, such as `x` in `x_and_y`, belongs to the longer one as well.
        let own_name = named.iter().any(|s| own.contains(s));
        if named.is_empty() {
            continue;
        }
        tally.advisable(&reward.name, own_name, || {
            format!(
                "reward `{}` ({}) is named after {} and is paid under {}",
                reward.name,
                names[..names.len() - 1].join(", "),
                arms(model, &named),
                arms(model, own)
            )
        });
    }
    let all = model.rewards.iter().filter(|r| r.outcome(model) == cost && r.strategies.is_none());
    for reward in all.filter(|r| r.when.accrues() || r.when.only_at_start() && r.when.procedures().is_none())
    {
        let prices = parameters_in(&reward.amount, None);
        for p in prices.into_iter().filter(|&p| subject.kind(p) == Kind::Cost) {
            let price = &model.parameters[p].name;
            let bears = |s: &usize| within(&model.strategies[*s].name, price);
            let named: Vec<usize> = (0..model.strategies.len()).filter(of_its_own).filter(bears).collect();
            if !named.is_empty() {
                tally.advisable(&reward.name, named.len() == model.strategies.len(), || {
                    format!(
                        "reward `{}` reads `{price}`, named after {}, and is paid under every strategy",
                        reward.name,
                        arms(model, &named)
                    )
                });
            }
        }
    }
    tally.verdict("no reward of the cost is named after a strategy")
}

pub static R35: Check = Check {
    id: "R35",
    title: "Who gets all of a treatment pays all of it",
    why: "Where a strategy has every effect and every replaced parameter of another, it should also have the costs of its own that \
          the other has: a combination that has the effect of a drug and not its price is too cheap. A complication that has a \
          price under one strategy should have it under every strategy that has the same complication.",
    hint: "Look at `strategies` of the reward that is named; if the combination has a price of its own, waive this.",
    basis: "own",
    quick: true,
    run: r35,
};

fn r35(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(cost) = subject.cost() else {
        return Verdict::skip(NOTHING);
    };
    let mut tally = Tally::new("costs of a treatment go with its effects", 0.0);
    let inside = |a: &Strategy, b: &Strategy| {
        let effects = a.effects.iter().all(|own| {
            b.effects
                .iter()
                .any(|other| other.ratio.same_formula(&own.ratio) && other.transitions == own.transitions)
        });
        let replaced = a
            .substitutions
            .iter()
            .all(|(p, own)| b.substitutions.iter().any(|(q, other)| p == q && own.same_formula(other)));
        effects && replaced && !(a.effects.is_empty() && a.substitutions.is_empty())
    };
    for (a, part) in model.strategies.iter().enumerate() {
        for (b, whole) in model.strategies.iter().enumerate() {
            if a == b || !inside(part, whole) || replaces_price(subject, whole) {
                continue;
            }
            // A price of its own may stand for that of the other where one does no more than the other.
            let instead = inside(whole, part) && own_costs(model, cost).any(|(_, own)| own == [b]);
            for (reward, own) in own_costs(model, cost).filter(|(_, own)| own.contains(&a)) {
                tally.advisable(&reward.name, instead || own.contains(&b), || {
                    format!(
                        "`{}` has all effects of `{}` and does not pay reward `{}`",
                        whole.name, part.name, reward.name
                    )
                });
            }
        }
    }
    for (reward, own) in own_costs(model, cost) {
        let Some(branches) = reward.when.procedures() else {
            continue;
        };
        let all = branches.iter().map(|(s, b)| &model.strategies[*s].at_start[*b]);
        let complications: Vec<_> = all.filter(|branch| branch.to.is_none()).collect();
        for (s, strategy) in model.strategies.iter().enumerate().filter(|(s, _)| !own.contains(s)) {
            let shared = strategy.at_start.iter().find(|b| {
                complications.iter().any(|c| c.name == b.name && c.share == b.share && c.share != Share::Rest)
            });
            let paid = shared.is_none_or(|branch| {
                own_costs(model, cost).any(|(other, arms)| {
                    let taken =
                        |(arm, b): &(usize, usize)| *arm == s && strategy.at_start[*b].name == branch.name;
                    arms.contains(&s) && other.when.procedures().is_some_and(|all| all.iter().any(taken))
                })
            });
            if shared.is_some() {
                tally.advisable(&reward.name, paid, || {
                    format!(
                        "`{}` has the same complication and does not pay reward `{}`",
                        strategy.name, reward.name
                    )
                });
            }
        }
    }
    tally.verdict("no strategy has all that another has")
}
