// OmegaConf's grammar of interpolations, by recursive descent: ${a.b}, ${.a} and ${..a} relative to the value, ${a[0]},
// ${a.${b}}, ${resolver:arguments}, text around them. `\${` is `${` itself; a backslash before an interpolation or
// before its escape is written twice.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "base/config/node.h"

namespace latentcrs {

struct Expression {
  enum class Kind {
    literal,    ///< `value`
    text,       ///< the texts of `parts` in a row
    list,       ///< `parts`
    map,        ///< `parts` under the keys of `value`
    reference,  ///< `parts` in a row are the key, with its leading dots
    call        ///< of the resolver `name` with the arguments `parts`
  };

  Kind kind = Kind::literal;
  Node value;
  std::vector<Expression> parts;
  std::vector<Expression> name;
  std::string written;  ///< of a reference or a call: ${…}
};

class WrongInterpolation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A text that holds `${`. One interpolation alone is that interpolation, with its type. Throws WrongInterpolation.
Expression parse_interpolated_text(const std::string& text);

/// A value as it stands among a resolver's arguments: 1e-3, "text", [a, b], {k: v}. Throws WrongInterpolation.
Expression parse_resolver_value(const std::string& text);

}  // namespace latentcrs
