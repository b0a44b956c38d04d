"""`bundle`: a NamedTuple of arrays and numbers that kernels take by reference.

numba takes a NamedTuple by value: whoever reads one field of a history copies all its twenty
arrays and counts their references.  The optimiser removes most of that again, at three quarters
of the time that a kernel takes to compile; what it does not inline passes hundreds of arguments.
"""

from typing import Any, TypeVar

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)

Class = TypeVar("Class", bound=type)


class Bundle(types.Type):
    """numba's type of an instance of `instance_class` with fields of these types."""

    def __init__(self, instance_class: type, fields: tuple[types.Type, ...]):
        self.instance_class, self.fields = instance_class, fields
        names = ", ".join(map(str, fields))
        super().__init__(f"{instance_class.__module__}.{instance_class.__qualname__}({names})")


def bundle(cls: Class) -> Class:
    """Decorator of a NamedTuple class: kernels take its instances by reference, read-only.

    A kernel may write into the arrays, but not return one of them to Python.
    """
    @typeof_impl.register(cls)
    def _(value: Any, context: Any) -> Bundle:
        return Bundle(cls, tuple(typeof_impl(field, context) for field in value))
    return cls


@register_model(Bundle)
class _Model(models.PrimitiveModel):
    """A pointer to the fields, which stay as they are while kernels run."""

    def __init__(self, dmm, fe_type):
        fields = ir.LiteralStructType([dmm.lookup(field).get_data_type()
                                       for field in fe_type.fields])
        super().__init__(dmm, fe_type, fields.as_pointer())


@infer_getattr
class _Fields(AttributeTemplate):
    key = Bundle

    def generic_resolve(self, value, attr):  # type: ignore[override]  # as numba calls it
        names = value.instance_class._fields
        return value.fields[names.index(attr)] if attr in names else None


@lower_getattr_generic(Bundle)
def _(context, builder, bundle, pointer, name):
    index = bundle.instance_class._fields.index(name)
    of = bundle.fields[index]
    model = context.data_model_manager[of]
    value = model.from_data(builder, _read(
        builder, cgutils.gep_inbounds(builder, pointer, 0, index)))
    if isinstance(of, types.Array):
        # Whoever called the kernel keeps the arrays alive: there is nothing to count.
        array = context.make_array(of)(context, builder, value)
        array.meminfo, array.parent = (cgutils.get_null_value(part.type)
                                       for part in (array.meminfo, array.parent))
        value = array._getvalue()
    return value


def _read(builder, pointer):
    """The value at the pointer, number by number, each known not to change."""
    kind = pointer.type.pointee
    if isinstance(kind, (ir.LiteralStructType, ir.ArrayType)):
        value = ir.Constant(kind, ir.Undefined)
        for i in range(len(kind.elements) if isinstance(kind, ir.LiteralStructType)
                       else kind.count):
            part = _read(builder, cgutils.gep_inbounds(builder, pointer, 0, i))
            value = builder.insert_value(value, part, i)
        return value
    value = builder.load(pointer)
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


@unbox(Bundle)
def _(bundle, instance, c):
    """Write the fields where only the kernel looks; arrays stay alive until `cleanup`."""
    data = c.context.get_value_type(bundle).pointee
    place = cgutils.alloca_once(c.builder, data, zfill=True)
    failed, cleanups = cgutils.false_bit, []
    for i, of in enumerate(bundle.fields):
        item = c.pyapi.tuple_getitem(instance, i)
        at = cgutils.gep_inbounds(c.builder, place, 0, i)
        if isinstance(of, types.Array):
            code = c.pyapi.nrt_adapt_ndarray_from_python(
                item, c.builder.bitcast(at, c.pyapi.voidptr))
            error = cgutils.is_not_null(c.builder, code)
            meminfo = cgutils.gep_inbounds(c.builder, at, 0, 0)
            cleanups.append(lambda meminfo=meminfo: c.context.nrt.decref(
                c.builder, types.MemInfoPointer(types.voidptr), c.builder.load(meminfo)))
        else:
            native = c.unbox(of, item)
            c.builder.store(c.context.data_model_manager[of].as_data(c.builder, native.value), at)
            error = native.is_error
            if native.cleanup:
                cleanups.append(native.cleanup)
        failed = c.builder.or_(failed, error)

    def cleanup():
        for one in cleanups:
            one()
    # Hidden from the optimiser, which could otherwise take the fields for constants written
    # after they are read.
    hidden = c.builder.asm(ir.FunctionType(place.type, [place.type]), "", "=r,0,~{memory}",
                           [place], side_effect=True)
    return NativeValue(hidden, is_error=failed, cleanup=cleanup)
