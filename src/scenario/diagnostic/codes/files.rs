//! E01xx: files and their syntax.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "E0101",
        title: "a file is empty",
        explanation: "\
The file exists but holds nothing, or only blank lines. A save that was interrupted, or a full disk, often
leaves such a file behind. Nothing is run, because a model without its numbers would have to invent them.",
        wrong: "parameters.csv      (0 bytes)",
        right: "parameters.csv\nname,kind,base,unit,source\nrate.relapse,rate,0.12,per year,Smith 2019",
    },
    Code {
        code: "E0102",
        title: "a folder stands where a file is meant",
        explanation: "\
A scenario, a parameter table or a life table is one file. A folder may hold several, and guessing which of
them you mean could run the wrong country or the wrong year without anyone noticing.",
        wrong: "parameters = \"tables\"",
        right: "parameters = \"tables/parameters.csv\"",
    },
    Code {
        code: "E0103",
        title: "a file does not exist",
        explanation: "\
The file named here was not found. A path inside a scenario is read from the folder of that scenario, not from
the folder in which you started the command, so that a study can be moved or sent to a reviewer as a whole.",
        wrong: "parameters = \"paramters.csv\"",
        right: "parameters = \"parameters.csv\"",
    },
    Code {
        code: "E0104",
        title: "a file cannot be read",
        explanation: "\
The file exists, but the system refused to hand it over. On Windows a workbook that is open in Excel is locked;
elsewhere the permissions of the file or of its folder are the usual cause. Close the other program or change
the permissions, and run again.",
        wrong: "parameters.csv is open in Excel, and locked",
        right: "save and close it in Excel, then run",
    },
    Code {
        code: "E0105",
        title: "a file is not UTF-8 text",
        explanation: "\
Scenarios and tables are text in UTF-8, the encoding in which every name and every source can be written. Read
in another encoding, `Müller 2018` becomes `MÃ¼ller 2018`, and a name written that way matches no other.
Excel writes UTF-8 only when asked: File > Save As > `CSV UTF-8 (Comma delimited)`. Plain `CSV` writes
Windows-1252, `Unicode Text` writes UTF-16, and an .xlsx renamed to .csv is still a workbook.",
        wrong: "Save as type: CSV (Comma delimited)",
        right: "Save as type: CSV UTF-8 (Comma delimited)",
    },
    Code {
        code: "E0106",
        title: "the scenario breaks the rules of TOML",
        explanation: "\
A scenario file is written in TOML: `key = value`, text in quotation marks, lists in square brackets, and
sections headed by a name in square brackets. Expressions and lengths of time are text and need quotation
marks. The message shows the first slip of every line that breaks the rules. What such a line was meant to say
is not guessed: nothing that seems to be missing is complained about, and so a second check, after these lines
are mended, may find more.",
        wrong: "[time]\ncycle = 6 months",
        right: "[time]\ncycle = \"6 months\"",
    },
    Code {
        code: "E0107",
        title: "a quotation mark in a table does not pair up",
        explanation: "\
A cell that begins with a quotation mark ends at the next one, and may run over several lines. When one mark is
missing, the cell swallows the rows below, and the numbers in those rows silently vanish from the model.
Inside a quoted cell a quotation mark is written twice. Excel does this by itself; text editors do not.",
        wrong: "rate.relapse,rate,0.12,per year,\"Smith 2019",
        right: "rate.relapse,rate,0.12,per year,\"Smith 2019, table 2\"",
    },
    Code {
        code: "E0108",
        title: "the scenario is written in a newer format",
        explanation: "\
`format` says which version of the scenario language a file uses. This program is older than the file. It could
skip what it does not know, but what it skipped might be the very line that changes your result, so it stops.
Install the newer program, or write the scenario in the format that this one knows.",
        wrong: "format = 99",
        right: "format = 1",
    },
    Code {
        code: "E0109",
        title: "scenarios extend each other in a circle",
        explanation: "\
`extends` takes a scenario as it is and changes some lines of it. When the chain comes back to where it began
there is no first scenario to start from. The usual cause is a copied overlay whose `extends` still names
itself. Let every chain end in one base scenario that extends nothing.",
        wrong: "# country.toml\nextends = \"country.toml\"",
        right: "# country.toml\nextends = \"base.toml\"",
    },
    Code {
        code: "E0110",
        title: "a path holds only on one machine",
        explanation: "\
A path that begins at the root of a disk, or that has backslashes, works only on the machine (or the system) it was
written on: a reviewer who receives the study could not run it. Copy the file into the study and name it from
the folder of the scenario, with `/` between folders. Nor can a file be called con, nul or com1, whatever its
extension: on Windows these are devices.",
        wrong: "parameters = \"C:/Users/me/Desktop/parameters.csv\"",
        right: "parameters = \"parameters.csv\"",
    },
    Code {
        code: "E0111",
        title: "a table has a header but no rows",
        explanation: "\
The first line of a table names its columns; every further line is one entry. Here nothing follows, or
everything that follows is blank or a comment that begins with #. Without rows there are no numbers to run on.",
        wrong: "name,kind,base,unit,source",
        right: "name,kind,base,unit,source\nrate.relapse,rate,0.12,per year,Smith 2019",
    },
    Code {
        code: "E0112",
        title: "a row has more cells than the header",
        explanation: "\
One cell too many means that a cell was cut in two, and that every value after the cut stands in the wrong
column: a standard error may be read as an upper limit. In a file that separates cells by commas, the cause is
nearly always a decimal comma or a remark with a comma in it. Put such a cell in quotation marks.",
        wrong: "name,kind,base,unit,source\nrate.relapse,rate,0,12,per year,Smith 2019",
        right: "name,kind,base,unit,source\nrate.relapse,rate,0.12,per year,Smith 2019",
    },
    Code {
        code: "E0113",
        title: "two columns have the same name",
        explanation: "\
Each column of a table has a name of its own. With two columns called `base`, it is anyone's guess which of them
the model uses, and after an edit they will differ. Rename or delete one of them.",
        wrong: "name,kind,base,base,unit,source",
        right: "name,kind,base,base_2019,unit,source",
    },
    Code {
        code: "E0114",
        title: "too many scenarios extend one another",
        explanation: "\
Each overlay changes some lines of the scenario that it `extends`. To know what a long chain says, a reviewer must read
every file of it and keep in mind which line wins. Merge some of the overlays into one file.",
        wrong: "a.toml extends b.toml extends c.toml ... and so on",
        right: "country.toml extends base.toml",
    },
    Code {
        code: "E0115",
        title: "a scenario names a file outside its own folders",
        explanation: "\
A scenario can come from anybody. If it could name any file of your machine, opening it could carry a private file into
tables and figures that you hand on. So a scenario reads files in its own folder and below; where the folder above its
own holds scenarios (.toml files) too, as base.toml stands above variants/dearer.toml, in that one and below; and no
hidden files or folders, such as .ssh. Links are followed before they are judged. Nothing of the file that was named
has been read. Copy it to the scenario; or, if you trust the scenario, run with --root and a folder that holds both.",
        wrong: "parameters = \"../../../private/costs.csv\"",
        right: "parameters = \"costs.csv\"",
    },
    Code {
        code: "E0116",
        title: "a file is too large",
        explanation: "\
Files have limits far above what a study needs, so that a damaged file, or one made to do harm, is refused before it
fills the memory: 16 MB for a scenario; 64 MB, 10,000 columns and 10 million cells for a table. The usual cause is another file than the one
meant, such as an export of raw data. Name the right file, or leave out the columns and rows that the model does not read.",
        wrong: "parameters = \"all_patients_2001_2024.csv\"      (2 GB)",
        right: "parameters = \"parameters.csv\"",
    },
    Code {
        code: "E0117",
        title: "the model needs more memory than it may take",
        explanation: "\
How much memory a run takes follows from the size of the model: what is counted is one number for each strategy, each
state, way between states and place of a reward, and each point of time; hazards that change over time have one for each
cycle. This is worked out before anything is taken, because a machine that runs out of memory stands still or ends the
program without a word. The message says which numbers make the model large. A run may take three quarters of the memory
of the machine, and 16 GB at most; --memory 64 allows 64 GB.",
        wrong: "cycle   = \"1 day\"\nhorizon = \"2000 years\"      # with 300 states and 500 strategies",
        right: "cycle   = \"1 month\"\nhorizon = \"60 years\"",
    },
    Code {
        code: "E0118",
        title: "two states have the same label",
        explanation: "\
Tables, figures and their legends show labels and not names. Where two states have one label, their rows and areas cannot be told apart, and a
reader adds them up or takes one for the other. A state without a label has its name as its label, spelt out.",
        wrong: "[states]\nmild   = { label = \"Ill\" }\nsevere = { label = \"Ill\" }",
        right: "[states]\nmild   = { label = \"Mildly ill\" }\nsevere = { label = \"Severely ill\" }",
    },
];
