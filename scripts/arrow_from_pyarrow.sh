#!/usr/bin/env bash
# Fetches Apache Arrow's C++ libraries for a build that reads Parquet: those inside PyPI's pyarrow wheel, with a CMake package
# that names them. usage: arrow_from_pyarrow.sh [FOLDER]  (default build/arrow; needs python3-venv)
source "$(dirname "$0")/common.sh"

folder=$(realpath -m "${1:-build/arrow}")
[[ -x $folder/env/bin/python ]] || python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --upgrade pyarrow
wheel=$("$folder/env/bin/python" -c 'import pyarrow; print(pyarrow.__path__[0])')

# write_package NAME TARGET LIBRARY DEPENDENCY
write_package() {
  local library
  library=$(ls "$wheel/$3".so.*)
  mkdir -p "$folder/lib/cmake/$1"
  cat > "$folder/lib/cmake/$1/$1Config.cmake" <<CMAKE
if(NOT TARGET $2)
  add_library($2 SHARED IMPORTED)
  set_target_properties($2 PROPERTIES IMPORTED_LOCATION "$library"
                        INTERFACE_INCLUDE_DIRECTORIES "$wheel/include" INTERFACE_LINK_LIBRARIES "$4")
endif()
CMAKE
}
write_package Arrow Arrow::arrow_shared libarrow ""
write_package Parquet Parquet::parquet_shared libparquet Arrow::arrow_shared
echo "Configure with: cmake --preset release -DCMAKE_PREFIX_PATH=$folder"
