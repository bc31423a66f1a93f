package text

// beforeName are abbreviations that a name follows; a period after them never ends a sentence.
var beforeName = set("mr mrs ms dr drs prof rev hon gen col maj capt cmdr lt sgt sen rep gov pres supt mt ft st messrs mme mlle vs cf viz approx adm insp")

// beforeNumber are abbreviations whose period does not end a sentence before a digit.
var beforeNumber = set("no nos vol vols p pp ch chap fig figs sec art ed nr jan feb mar apr jun jul aug sep sept oct nov dec")

// titles are written out before a name.
var titles = map[string]string{"mr": "mister", "mrs": "Mrs", "ms": "miz", "dr": "doctor", "drs": "doctors", "prof": "professor", "rev": "reverend",
	"hon": "honorable", "gen": "general", "col": "colonel", "maj": "major", "capt": "captain", "cmdr": "commander", "lt": "lieutenant",
	"sgt": "sergeant", "sen": "senator", "rep": "representative", "gov": "governor", "pres": "president", "supt": "superintendent",
	"mt": "mount", "ft": "fort", "st": "saint", "messrs": "messieurs", "adm": "admiral", "insp": "inspector"}

// short are abbreviations with a period, wherever they stand.
var short = map[string]string{"etc": "et cetera", "vs": "versus", "jr": "junior", "sr": "senior", "approx": "approximately", "dept": "department",
	"est": "established", "inc": "incorporated", "ltd": "limited", "corp": "corporation", "bros": "brothers", "assn": "association",
	"univ": "university", "govt": "government", "viz": "namely", "cf": "compare", "esq": "esquire", "ave": "avenue", "blvd": "boulevard",
	"rd": "road", "hwy": "highway", "expy": "expressway", "pkwy": "parkway", "apt": "apartment", "vol": "volume", "vols": "volumes",
	"chap": "chapter", "fig": "figure", "figs": "figures", "ca": "circa", "min": "minutes", "max": "maximum", "misc": "miscellaneous",
	"tel": "telephone", "ext": "extension", "temp": "temperature", "avg": "average", "co": "company", "dist": "district"}

// numbered are written out before a number only, with or without a period.
var numbered = map[string]string{"no": "number", "nos": "numbers", "p": "page", "pp": "pages", "ch": "chapter", "sec": "section",
	"vol": "volume", "fig": "figure", "art": "article", "apt": "apartment", "ext": "extension", "nr": "number", "rte": "route"}

// streets are written out after the name of a street, in addresses.
var streets = map[string]string{"st": "street", "ave": "avenue", "blvd": "boulevard", "rd": "road", "dr": "drive", "ln": "lane", "ct": "court",
	"hwy": "highway", "expy": "expressway", "pkwy": "parkway", "pl": "place", "sq": "square", "ter": "terrace", "cir": "circle"}

var compass = map[string]string{"N": "North", "S": "South", "E": "East", "W": "West", "NE": "Northeast", "NW": "Northwest", "SE": "Southeast",
	"SW": "Southwest"}

var states = map[string]string{"AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
	"CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana",
	"IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
	"MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
	"NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
	"OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
	"TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia",
	"WI": "Wisconsin", "WY": "Wyoming", "DC": "D C"}

var months = map[string]string{"january": "January", "february": "February", "march": "March", "april": "April", "may": "May", "june": "June",
	"july": "July", "august": "August", "september": "September", "october": "October", "november": "November", "december": "December",
	"jan": "January", "feb": "February", "mar": "March", "apr": "April", "jun": "June", "jul": "July", "aug": "August", "sep": "September",
	"sept": "September", "oct": "October", "nov": "November", "dec": "December"}

var monthNames = [...]string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
	"December"}

var weekdays = map[string]string{"mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "thur": "Thursday",
	"thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday"}

// currency names one, several, one hundredth, several hundredths.
type currency struct{ one, many, cent, cents string }

var currencies = map[string]currency{
	"$": {"dollar", "dollars", "cent", "cents"}, "€": {"euro", "euros", "cent", "cents"}, "£": {"pound", "pounds", "penny", "pence"},
	"¥": {"yen", "yen", "", ""}, "₩": {"won", "won", "", ""}, "₹": {"rupee", "rupees", "paisa", "paise"}, "₽": {"ruble", "rubles", "kopeck", "kopecks"},
	"¢":   {"cent", "cents", "", ""},
	"USD": {"US dollar", "US dollars", "cent", "cents"}, "EUR": {"euro", "euros", "cent", "cents"}, "GBP": {"British pound", "British pounds", "penny", "pence"},
	"JPY": {"Japanese yen", "Japanese yen", "", ""}, "CHF": {"Swiss franc", "Swiss francs", "", ""}, "CAD": {"Canadian dollar", "Canadian dollars", "cent", "cents"},
	"AUD": {"Australian dollar", "Australian dollars", "cent", "cents"}, "INR": {"rupee", "rupees", "paisa", "paise"}, "CNY": {"yuan", "yuan", "", ""},
	"RMB": {"yuan", "yuan", "", ""}, "US$": {"US dollar", "US dollars", "cent", "cents"},
}

// multiples after an amount.
var multiples = map[string]string{"hundred": "hundred", "thousand": "thousand", "million": "million", "billion": "billion", "trillion": "trillion",
	"mil": "million", "mln": "million", "mn": "million", "bn": "billion", "bln": "billion", "tn": "trillion", "trn": "trillion",
	"k": "thousand", "K": "thousand", "m": "million", "M": "million", "MM": "million", "b": "billion", "B": "billion", "T": "trillion", "dozen": "dozen"}

// units as written -> singular; plural makes the rest. The irregular ones stand in unitPlurals.
var units = map[string]string{"km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "nm": "nanometer", "μm": "micrometer",
	"mi": "mile", "yd": "yard", "yds": "yard", "ft": "foot", "in": "inch", "kg": "kilogram", "g": "gram", "mg": "milligram", "μg": "microgram",
	"lb": "pound", "lbs": "pound", "oz": "ounce", "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter", "dl": "deciliter",
	"gal": "gallon", "pt": "pint", "qt": "quart", "tsp": "teaspoon", "tbsp": "tablespoon", "ha": "hectare", "sq": "square", "cc": "C C",
	"mph": "mile per hour", "kph": "kilometer per hour", "kmh": "kilometer per hour", "mpg": "mile per gallon", "rpm": "revolution per minute",
	"s": "second", "sec": "second", "secs": "second", "ms": "millisecond", "μs": "microsecond", "ns": "nanosecond", "min": "minute",
	"mins": "minute", "h": "hour", "hr": "hour", "hrs": "hour", "yr": "year", "yrs": "year", "mo": "month", "wk": "week", "wks": "week",
	"Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "THz": "terahertz", "hz": "hertz", "khz": "kilohertz",
	"mhz": "megahertz", "ghz": "gigahertz", "B": "byte", "KB": "kilobyte", "kB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
	"PB": "petabyte", "kb": "kilobyte", "mb": "megabyte", "gb": "gigabyte", "tb": "terabyte", "KiB": "kibibyte", "MiB": "mebibyte",
	"GiB": "gibibyte", "Kbps": "kilobit per second", "kbps": "kilobit per second", "Mbps": "megabit per second", "mbps": "megabit per second",
	"Gbps": "gigabit per second", "gbps": "gigabit per second", "W": "watt", "kW": "kilowatt", "MW": "megawatt", "GW": "gigawatt",
	"kWh": "kilowatt hour", "kwh": "kilowatt hour", "MWh": "megawatt hour", "Wh": "watt hour", "V": "volt", "kV": "kilovolt", "mV": "millivolt",
	"A": "amp", "mA": "milliamp", "mAh": "milliamp hour", "Ah": "amp hour", "J": "joule", "kJ": "kilojoule", "N": "newton", "Pa": "pascal",
	"hPa": "hectopascal", "kPa": "kilopascal", "MPa": "megapascal", "bar": "bar", "psi": "P S I", "cal": "calorie", "kcal": "kilocalorie",
	"dB": "decibel", "db": "decibel", "px": "pixel", "dpi": "dot per inch", "fps": "frame per second", "hp": "horsepower", "Ω": "ohm",
	"KG": "kilogram", "KM": "kilometer", "°C": "degree Celsius", "°F": "degree Fahrenheit", "°K": "degree Kelvin", "°": "degree", "%": "percent",
	"‰": "per mille", "′": "foot"}

// unitPlurals are the plurals that do not end in -s, or not at the end of the phrase.
var unitPlurals = map[string]string{"foot": "feet", "inch": "inches", "hertz": "hertz", "kilohertz": "kilohertz", "megahertz": "megahertz",
	"gigahertz": "gigahertz", "terahertz": "terahertz", "percent": "percent", "per mille": "per mille", "C C": "C C", "P S I": "P S I", "horsepower": "horsepower", "square": "square"}

// ambiguousUnits are read as units only when they are glued to their number, or when the number has a point or another unit follows.
var ambiguousUnits = set("in s m h g l b a A B N J V W mo pt bar sq px cal K M T L")

var fractions = map[string]string{"½": "one half", "⅓": "one third", "⅔": "two thirds", "¼": "one quarter", "¾": "three quarters",
	"⅕": "one fifth", "⅖": "two fifths", "⅗": "three fifths", "⅘": "four fifths", "⅙": "one sixth", "⅛": "one eighth",
	"⅜": "three eighths", "⅝": "five eighths", "⅞": "seven eighths"}

// symbolNames are read wherever they stand.
var symbolNames = map[string]string{"&": "and", "@": "at", "+": "plus", "=": "equals", "%": "percent", "°": "degrees", "×": "times", "÷": "divided by",
	"±": "plus or minus", "€": "euro", "£": "pound", "¥": "yen", "₩": "won", "₹": "rupee", "₽": "ruble", "$": "dollar", "¢": "cents", "§": "section",
	"#": "hash", "≈": "approximately", "≠": "is not equal to", "≤": "is at most", "≥": "is at least", "∞": "infinity", "√": "square root of",
	"→": "to", "μ": "mu", "²": "squared", "³": "cubed", "\\": "backslash"}

var greek = map[string]string{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
	"ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi",
	"χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "gamma", "Δ": "delta", "Θ": "theta", "Λ": "lambda", "Π": "pi", "Σ": "sigma", "Φ": "phi",
	"Ψ": "psi", "Ω": "omega"}

// domains are the last parts of host names that make a word with periods an address.
var domains = set("com org net edu gov mil int info biz io ai dev app co uk us de fr it es nl ch at be eu ca au nz jp cn in br ru pl se no fi dk ie tv me xyz sm")

// set makes a set of the words, which are separated by single spaces.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for start := 0; start < len(words); {
		end := start
		for end < len(words) && words[end] != ' ' {
			end++
		}
		m[words[start:end]] = true
		start = end + 1
	}
	return m
}
