use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_core::model::Share;
use arcosim_core::model::uncertainty::Together;
use arcosim_scenario::parameters::Kind;

pub static S12: Check = Check {
    id: "S12",
    title: "Related parameters are drawn jointly",
    why: "Shares of one whole must be drawn jointly (Dirichlet distribution), and regression coefficients with their \
          covariance. Independent draws produce populations and survival curves that the data do not support. A \
          correlation matrix must be complete, with ones on its diagonal.",
    hint: "Use `dirichlet` and a common group for shares of one whole, and list coefficients under \
           [uncertainty.correlated].",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let uncertainty = &evidence.scenario.uncertainty;
    let mut comparisons = Comparisons::new("joint distributions for related parameters", 1e-9);
    for joint in &uncertainty.joint {
        if let Together::Copula(factor) = &joint.how {
            for (i, row) in factor.iter().enumerate() {
                let square: f64 = row.iter().map(|x| x * x).sum();
                let what = format!("the correlation of member {} of `{}` with itself", i + 1, joint.name);
                comparisons.same(&joint.name, &what, 1.0, square);
                let whole =
                    joint.members.iter().all(|m| uncertainty.margins.get(*m).is_some_and(Option::is_some));
                comparisons.holds(&joint.name, whole, || {
                    format!("a member of `{}` has no distribution", joint.name)
                });
            }
        }
    }
    // The varying parameters of a group, unless one joint distribution draws all of them.
    let apart = |parameters: &[usize]| -> Vec<usize> {
        let varying = parameters.iter().copied().filter(|&p| uncertainty.varies(p));
        let varying: Vec<usize> = varying.collect();
        let joints = varying.iter().map(|&p| uncertainty.joint_of(p).map(|j| j.name.as_str()));
        let joints: Vec<Option<&str>> = joints.collect();
        match varying.len() >= 2 && joints.iter().any(|j| j.is_none() || *j != joints[0]) {
            true => varying,
            false => Vec::new(),
        }
    };
    let named = |parameters: &[usize]| {
        let names: Vec<String> =
            parameters.iter().map(|&p| format!("`{}`", model.parameters[p].name)).collect();
        names.join(", ")
    };
    let mut wholes: Vec<(String, Vec<usize>)> = Vec::new();
    let plain = |share: &Share| match share {
        Share::Stated(arcosim_core::model::Expr::Parameter(p)) => Some(*p),
        _ => None,
    };
    for attribute in &model.attributes {
        let shares = attribute.shares();
        if !shares.is_empty() {
            let own = shares.iter().filter_map(plain).collect();
            wholes.push((attribute.name.clone(), own));
        }
    }
    wholes.push(("start".into(), model.start.iter().filter_map(|(_, share)| plain(share)).collect()));
    for (name, shares) in &wholes {
        let loose = apart(shares);
        comparisons.advisable(name, loose.is_empty(), || {
            format!("the shares {} of `{name}` are drawn independently", named(&loose))
        });
    }
    for transition in &model.transitions {
        let mut coefficients = Vec::new();
        transition.expressions(&mut |e| {
            let own = parameters_in(e, None).into_iter();
            coefficients.extend(own.filter(|&p| evidence.kind(p) == Kind::Coefficient));
        });
        coefficients.sort_unstable();
        coefficients.dedup();
        let loose = apart(&coefficients);
        comparisons.advisable(&transition.name, loose.is_empty(), || {
            format!("the coefficients {} of `{}` are drawn independently", named(&loose), transition.name)
        });
    }
    match uncertainty.varying().is_empty() {
        true => Verdict::skip("the scenario has no uncertain parameters"),
        false => comparisons.verdict("the scenario has no related parameters"),
    }
}
