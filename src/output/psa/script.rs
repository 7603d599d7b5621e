//! `decision.R`: R script that passes the draws to BCEA, voi and dampack, for comparison of their results with arcosim's.

use crate::analysis::psa::PsaAnswer;

/// The text of the R script, with the strategies, the reference and the thresholds of this analysis, so that the other
/// programs should produce the same results.
pub fn script(run: &PsaAnswer) -> String {
    let model = &run.scenario.model;
    let offered = &run.answers.on_offer;
    let at = offered.iter().position(|&s| s == model.reference());
    let quoted = |&s: &usize| format!("\"{}\"", model.strategies[s].label.replace(['\\', '"', '\n'], "'"));
    let labels: Vec<String> = offered.iter().map(quoted).collect();
    let wtp: Vec<String> = run.answers.thresholds.iter().map(f64::to_string).collect();
    let note = match at {
        Some(_) => "",
        None => "  # the reference of the scenario is a bound; the decision does not depend on `ref`",
    };
    format!(
        "# Run this in the folder of the analysis. One row is one draw, one column a decision option.\n\
         costs         <- as.matrix(read.csv(\"psa/costs.csv\", check.names = FALSE))\n\
         effects       <- as.matrix(read.csv(\"psa/effects.csv\", check.names = FALSE))\n\
         inputs        <- read.csv(\"psa/draws.csv\", check.names = FALSE)\n\
         interventions <- c({})\n\
         ref           <- {}{note}\n\
         wtp           <- c({})  # the first leads\n\
         \n\
         bcea <- BCEA::bcea(e = effects, c = costs, ref = ref, interventions = interventions, wtp = sort(wtp))\n\
         summary(bcea, wtp = wtp[1])\n\
         evppi <- voi::evppi(list(c = costs, e = effects, k = wtp[1]), inputs = inputs, pars = as.list(names(inputs)))\n\
         psa <- dampack::make_psa_obj(cost = as.data.frame(costs), effectiveness = as.data.frame(effects),\n                             \
         parameters = inputs, strategies = interventions)\n",
        labels.join(", "),
        at.map_or(1, |i| i + 1),
        wtp.join(", ")
    )
}
