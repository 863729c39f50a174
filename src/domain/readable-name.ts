/**
 * A name such as `brave-otter` for people to tell runs apart by. It follows from the run's number: no two of
 * some 36,000 runs in a row have the same, and a run is found by its name without an index, which names at
 * random would spread every insert over.
 */
export function readableName(no: number): string {
  const place = (no * STRIDE) % COUNT;
  return `${QUALITIES[place % QUALITIES.length]}-${ANIMALS[Math.floor(place / QUALITIES.length)]}`;
}

/** The numbers up to `last` whose runs have this name, newest first; empty for what is no such name. */
export function numbersNamed(name: string, last: number): readonly number[] {
  const [quality = "", animal = ""] = name.split("-");
  const [first, second] = [QUALITIES.indexOf(quality), ANIMALS.indexOf(animal)];
  if (first < 0 || second < 0 || name !== `${quality}-${animal}`) return [];
  const place = second * QUALITIES.length + first;
  const least = Number((BigInt(place) * BigInt(INVERSE)) % BigInt(COUNT));
  const newest = last - ((((last - least) % COUNT) + COUNT) % COUNT);
  const numbers: number[] = [];
  for (let no = newest; no > 0; no -= COUNT) numbers.push(no);
  return numbers;
}

// The lists are never changed: the names of stored runs follow from them.
const QUALITIES = (
  "able agile alert amber ample amused ancient apt arctic ardent azure balmy bold brave breezy bright brisk bubbly calm candid " +
  "careful cheery civil clean clear clever cosy cool copper coral crisp curious dapper daring dawn deft eager early earnest easy " +
  "elated even fabled fair famous fancy fast fearless festive fine firm fleet fluent fond frank free fresh frosty gallant gentle " +
  "gifted glad gleeful golden good grand green groovy handy happy hardy hasty hearty honest humble icy ideal indigo ivory jade " +
  "jaunty jolly jovial keen kind large lavender lean light lilac limber lively loyal lucid lucky lunar magic maroon mellow merry " +
  "mighty mild misty modest mossy neat nifty nimble noble northern oaken olive opal open orange patient peachy placid plucky " +
  "polite prime proud prompt quick quiet rapid rare ready regal robust rosy ruby rustic sage scarlet serene sharp shiny silent " +
  "silver simple sleek smart snappy snowy solar solid spry stable steady sturdy sunny super swift tame teal tender thrifty tidy " +
  "tough true trusty upbeat velvet violet vivid warm wild willing windy wise witty young zany zesty"
).split(" ");

const ANIMALS = (
  "adder alpaca antelope ape avocet badger bat bear beaver bee beetle bison boar bobcat buffalo bullfinch buzzard camel capybara " +
  "caribou carp cat chamois cheetah chough civet cobra cod condor coot cormorant coyote crab crane cricket crow curlew deer dingo " +
  "dog dolphin donkey dormouse dove dragonfly duck dunlin eagle echidna eel egret eider elk emu ermine falcon ferret finch " +
  "firefly flamingo fox frog gannet gazelle gecko gerbil gibbon giraffe gnu goat goldfinch goose gopher grouse gull hamster hare " +
  "harrier hawk hedgehog heron herring hoopoe hornet horse hyena ibex ibis iguana impala jackal jackdaw jaguar jay kestrel kite " +
  "kiwi koala kudu lapwing lark lemming lemur leopard linnet lion lizard llama lobster loon lynx macaw magpie mallard manatee " +
  "marmot marten martin mink mole mongoose moose moth mouse mule muskox narwhal newt nightjar ocelot octopus okapi opossum orca " +
  "oriole osprey ostrich otter owl oyster panda panther parrot pelican penguin petrel pheasant pigeon pika plover polecat pony " +
  "porpoise puffin puma quail quokka rabbit raccoon ram raven reindeer robin rook salmon sandpiper seal serval shark sheep shrew " +
  "skylark sloth snail snipe sparrow spider squid squirrel stag starling stoat stork swallow swan swift tapir teal tern thrush " +
  "tiger toad tortoise toucan trout turtle vole wagtail walrus warbler weasel whale wombat woodpecker wren yak zebra"
).split(" ");

const COUNT = QUALITIES.length * ANIMALS.length;
/** Neighbours in time get names far apart. Shares no factor with the count, so that every name comes up. */
const STRIDE = coprimeFrom(Math.floor(COUNT * 0.618));
const INVERSE = inverseOf(STRIDE);

function coprimeFrom(start: number): number {
  let stride = start;
  while (greatestCommonDivisor(stride, COUNT) !== 1) stride += 1;
  return stride;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The number that undoes a multiplication by `stride`, modulo the count (extended Euclid). */
function inverseOf(stride: number): number {
  let [oldRest, rest] = [stride, COUNT];
  let [oldFactor, factor] = [1, 0];
  while (rest !== 0) {
    const quotient = Math.floor(oldRest / rest);
    [oldRest, rest] = [rest, oldRest - quotient * rest];
    [oldFactor, factor] = [factor, oldFactor - quotient * factor];
  }
  return ((oldFactor % COUNT) + COUNT) % COUNT;
}
